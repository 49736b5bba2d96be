import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkRun } from '../../../simulation/check-run.js';
import type { SubmittedPlan } from '../../../simulation/history.js';
import type { StoredEvent } from '../../../simulation/simulated-log.js';
import type { RunHistory, StepHistory } from '../../../simulation/step-history.js';
import { runsIn, standingOf } from '../../../simulation/stillness.js';
import type { Report } from '../../../simulation/violation.js';
import { MANIFESTS, type Trace } from './tools.js';

/** How far the clocks of two processes on one machine, and of the store's time stamps, may be apart in what they say of one moment, in milliseconds. */
const BLUR_MS = 250;

/** What was seen of a cluster's life. */
export interface Life {
  readonly events: readonly StoredEvent[];
  readonly plans: ReadonlyMap<string, SubmittedPlan>;
  /** The run that a submission was told, by its intent. */
  readonly told: ReadonlyMap<string, number>;
  readonly leaseMs: number;
  readonly traces: readonly Trace[];
  /** Texts that stand in the outbox, one for each entry. */
  readonly published: readonly string[];
}

/** The files of a folder; none where it is not there. */
const filesIn = (folder: string): Promise<readonly string[]> => readdir(folder, { recursive: true }).catch(() => []);

export async function readTraces(folder: string): Promise<readonly Trace[]> {
  const files = (await filesIn(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as Trace));
}

export async function readOutbox(folder: string): Promise<readonly string[]> {
  const files = (await filesIn(folder)).filter((name) => !name.startsWith('.unfinished') && name.endsWith('what.txt'));
  return Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
}

function checkLog(events: readonly StoredEvent[], report: Report): void {
  const ends = new Map<string, number>();
  const ids = new Set<string>();
  for (const { streamId, type, revision, id } of events) {
    // Of streams that keep their newest events only, the first that is seen may be a later one.
    const last = ends.get(streamId);
    if (last === undefined ? revision !== 0 && !streamId.startsWith('node-') : revision !== last + 1)
      report(2, 'gap', `${type} is ${revision}@${streamId}, after ${last}`);
    if (ids.has(id)) report(4, 'twice', `${type} ${id} is in the log twice`);
    ids.add(id);
    ends.set(streamId, revision);
  }
}

/** The steps by the keys of their calls. */
function stepsByKey(runs: readonly RunHistory[], report: Report): ReadonlyMap<string, StepHistory> {
  const steps = new Map<string, StepHistory>();
  for (const run of runs)
    for (const step of run.steps.values())
      for (const key of step.keys.values()) {
        if (steps.has(key)) report(33, 'shared-key', `${key} is the key of two steps`);
        steps.set(key, step);
      }
  return steps;
}

const times = (texts: readonly string[]): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  for (const text of texts) found.set(text, (found.get(text) ?? 0) + 1);
  return found;
};

/** What the tools saw and left, against what the log says. */
function checkTraces({ traces, published }: Life, runs: readonly RunHistory[], report: Report): void {
  const steps = stepsByKey(runs, report);
  const seen = new Map<string, Trace>();
  for (const trace of traces.filter(({ kind }) => kind === 'calls')) {
    const { tool, key, attempt, at, pid } = trace;
    const about = `call of ${tool} for ${key}, attempt ${attempt}, in process ${pid}`;
    const start = steps.get(key)?.starts.get(attempt);
    if (!start) report(19, 'call-before-start', `${about}: the log has no start of it`);
    else if (at < start.event.time - BLUR_MS)
      report(19, 'call-before-start', `${about}: ${start.event.time - at} ms before its start was stored`);
    if (start?.outcome && at > start.outcome.time + BLUR_MS)
      report(16, 'call-after-outcome', `${about}: ${at - start.outcome.time} ms after ${start.outcome.type} of it was stored`);
    const other = seen.get(`${key} ${attempt}`);
    if (other) report(16, 'double-call', `${about}: it was made in process ${other.pid} too`);
    seen.set(`${key} ${attempt}`, trace);
  }
  for (const [text, count] of times(published)) if (count > 1) report(18, 'too-many-effects', `${text} is in the outbox ${count} times`);
  const effects = times(traces.filter(({ kind }) => kind === 'effects').map(({ text }) => text));
  for (const [text, count] of effects) if (count > 1) report(20, 'too-many-effects', `${text} was sent ${count} times`);
  const inOutbox = new Set(published);
  for (const { intent, steps: own } of runs)
    for (const { tool, key, is } of own.values()) {
      if (is !== 'succeeded') continue;
      const text = `${intent}/${key}`;
      const isThere = tool === 'slow_look' || (tool === 'slow_send' ? effects.has(text) : inOutbox.has(text));
      if (!isThere) report(1, 'lost-effect', `${text} has succeeded and left nothing`);
    }
}

/** Where runs stand that are neither over nor wait for people; nothing where all are. */
export function hanging(events: readonly StoredEvent[]): readonly string[] {
  const standings = [...runsIn(events)].map(([workflowId, own]) => standingOf(workflowId, own));
  return standings
    .filter(
      ({ isFinal, waitsForPeople, matters }) =>
        !isFinal && (!waitsForPeople || matters.some(({ kind }) => kind === 'approval' || kind === 'tool')),
    )
    .map(({ workflowId, hanging: why, matters }) => `run ${workflowId}: ${why || matters.map(({ kind }) => kind).join()}`);
}

/** Everything that must not be, in words; by nothing but the log, what was asked for, and what the tools left. */
export function judge(life: Life): readonly string[] {
  const violations: string[] = [];
  const report: Report = (invariant, kind, message) => void violations.push(`invariant ${invariant} (${kind}): ${message}`);
  checkLog(life.events, report);
  const judgedBy = { ...life, tools: MANIFESTS, leaseMs: life.leaseMs - BLUR_MS };
  const runs = [...runsIn(life.events)].map(([workflowId, events]) => checkRun(workflowId, events, judgedBy, report));
  checkTraces(life, runs, report);
  const byIntent = times(runs.map(({ intent }) => intent));
  for (const [intent, workflowId] of life.told) {
    if (byIntent.get(intent) !== 1) report(1, 'lost-or-doubled', `"${intent}" is the intent of ${byIntent.get(intent) ?? 0} runs`);
    if (!runs.some((run) => run.workflowId === workflowId && run.intent === intent))
      report(1, 'lost', `"${intent}" was told to be run ${workflowId}, which it is not`);
  }
  for (const line of hanging(life.events)) report(13, 'hanging', line);
  return violations;
}
