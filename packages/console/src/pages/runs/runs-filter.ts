import type { RunState, WaitKind } from '../../api/client';
import type { RunsFilter } from '../../api/runs';
import { WAIT_WORDS } from '../../ui/wait-sentence';

export const RUN_STATES = [
  'PLANNING',
  'RUNNING',
  'PAUSED',
  'CANCELLING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
] as const satisfies readonly RunState[];
export const WAIT_KINDS = Object.keys(WAIT_WORDS) as readonly WaitKind[];

/** What an address says of the filter; what it cannot mean is left out. */
export function runsFilterOf({ state, q, waiting_for: waiting, schedule_id: schedule }: Record<string, unknown>): RunsFilter {
  const found = RUN_STATES.find((word) => word === state);
  const kind = waiting === 'anything' ? waiting : WAIT_KINDS.find((word) => word === waiting);
  // An address may hold what looks like a number.
  const text = typeof q === 'string' || typeof q === 'number' ? String(q) : '';
  const from = Number(schedule);
  return {
    ...(found && { state: found }),
    ...(text !== '' && { q: text }),
    ...(kind && { waiting_for: kind }),
    ...(Number.isSafeInteger(from) && from > 0 && { schedule_id: from }),
  };
}
