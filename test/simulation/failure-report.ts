import type { History } from './history.js';
import type { StoredEvent } from './simulated-log.js';
import type { Violation } from './violation.js';

const LAST_EVENTS = 40;

const lineOf = ({ step, time, revision, streamId, type, data, metadata }: StoredEvent): string => {
  const { stepId, attempt } = data as { readonly stepId?: number; readonly attempt?: number };
  const about = [stepId === undefined ? '' : `step ${stepId}`, attempt === undefined ? '' : `attempt ${attempt}`]
    .filter(Boolean)
    .join(', ');
  return `  act ${step} at ${new Date(time).toISOString().slice(14, 23)}: ${revision}@${streamId} ${type} ${about} (${metadata.actor?.id})`;
};

/** What somebody needs to find the fault: the seed, what is wrong, how the log ends, and how to see it again. */
export function failureReport(history: History, violations: readonly Violation[]): string {
  const { seed, events } = history;
  const isOfUse = ({ streamId, type }: StoredEvent): boolean => !streamId.startsWith('sequence-') && type !== 'NodeLeaseRenewed';
  const shown = events.filter(isOfUse).slice(-LAST_EVENTS);
  return [
    `seed ${seed}:`,
    ...violations.map(({ invariant, kind, message }) => `  invariant ${invariant} (${kind}): ${message}`),
    `the last events:`,
    ...shown.map(lineOf),
    `again: SIMULATION_STRICT=1 SIMULATION_FROM=${seed} SIMULATION_SEEDS=1 NODE_OPTIONS=--experimental-vm-modules npx jest test/simulation`,
  ].join('\n');
}
