import * as crypto from 'node:crypto';
import * as timers from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Violation } from './violation.js';
import type { PlantedBug } from './world.js';
import { EndlessActs } from './virtual-clock.js';
import { virtualDelay, virtualId } from './virtual-process.js';

// The engine's classes take these from their modules, so they are replaced before those are imported.
jest.unstable_mockModule('node:crypto', () => ({ ...crypto, randomUUID: virtualId }));
jest.unstable_mockModule('node:timers/promises', () => ({ ...timers, setTimeout: virtualDelay }));
const { check } = await import('./checker.js');
const { failureReport } = await import('./failure-report.js');
const { KNOWN_FAULTS } = await import('./known-faults.js');
const { PLANTED_BUGS } = await import('./planted-bugs.js');
const { World } = await import('./world.js');

const FROM = Number(process.env['SIMULATION_FROM'] ?? 0);
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 1_000);
const IS_STRICT = process.env['SIMULATION_STRICT'] === '1';
/** Seeds of one test, so that jest tells how far it has come. */
const CHUNK = 100;
/** Seeds within which a planted bug must be noticed. */
const BUG_SEEDS = 1_000;
/** Seeds that lead to everything that can happen. */
const ENOUGH_SEEDS = 500;

const happened = new Set<string>();

const isKnown = (seed: number, kind: string): boolean => KNOWN_FAULTS.some((fault) => fault.kind === kind && fault.seeds.includes(seed));

async function failureOf(seed: number): Promise<string | undefined> {
  const history = await new World(seed).live();
  for (const { type, data } of history.events) happened.add(type === 'StepWaitsForTool' ? `${type} ${data['because'] as string}` : type);
  const violations = check(history).filter(({ kind }) => IS_STRICT || !isKnown(seed, kind));
  return violations.length === 0 ? undefined : failureReport(history, violations);
}

describe('several workers over a store that loses answers, with dying processes and impatient people', () => {
  const chunks = Array.from({ length: Math.ceil(SEEDS / CHUNK) }, (_, index) => FROM + index * CHUNK);

  it.each(chunks)('keep the invariants 1, 2, 4, 5, 8, 10–23, 25, 26, 33–35 and 37 (seeds from %i)', async (first) => {
    const failures: string[] = [];
    for (let seed = first; seed < Math.min(first + CHUNK, FROM + SEEDS); seed++) {
      const failure = await failureOf(seed);
      if (failure !== undefined) failures.push(failure);
    }
    if (failures.length > 0) throw new Error(failures.join('\n\n'));
  });

  it('come into every situation that the invariants are about', () => {
    if (SEEDS < ENOUGH_SEEDS) return;
    const wanted = ['StepRetryScheduled', 'StepDeadLettered', 'StepRetryRequested', 'StepSkipped', 'ApprovalGranted', 'ApprovalRejected'];
    wanted.push('WorkflowPaused', 'WorkflowResumed', 'WorkflowStopping', 'WorkflowCancelled', 'WorkflowFailed', 'WorkflowCompleted');
    wanted.push('StartTimeReached', 'PauseSet', 'PauseLifted', 'CompensationClaimed', 'StepOffered');
    wanted.push('StepWaitsForTool limited', 'StepWaitsForTool paused', 'StepWaitsForTool absent');
    expect(wanted.filter((type) => !happened.has(type))).toEqual([]);
  });
});

describe('a seed', () => {
  it('leads to the same history each time', async () => {
    const textOf = async (seed: number): Promise<string> =>
      JSON.stringify(await new World(seed).live(), (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    for (const seed of [FROM, FROM + 1, FROM + 2]) expect(await textOf(seed)).toBe(await textOf(seed));
    expect(await textOf(FROM)).not.toBe(await textOf(FROM + 1));
  });
});

/** A history that cannot be may lead to others without end: there the bug is noticed, but not by its invariant. */
async function violationsWith(bug: PlantedBug, seed: number): Promise<readonly Violation[]> {
  try {
    return check(await new World(seed, bug).live());
  } catch (error) {
    if (error instanceof EndlessActs) return [];
    throw error;
  }
}

describe('a planted bug is noticed by its invariant', () => {
  it.each(PLANTED_BUGS)('$name (invariant $caughtBy)', async (bug) => {
    const noticed = new Set<number>();
    for (let seed = 0; seed < BUG_SEEDS && !bug.caughtBy.some((invariant) => noticed.has(invariant)); seed++) {
      // What goes wrong in this seed without the bug proves nothing.
      for (const { invariant, kind } of await violationsWith(bug, seed)) if (!isKnown(seed, kind)) noticed.add(invariant);
    }
    expect(bug.caughtBy.filter((invariant) => noticed.has(invariant))).not.toEqual([]);
  });
});
