import type { TimelineEvent } from '../../api/client';

export type BarKind = 'attempt' | 'approval' | 'retry' | 'limit' | 'person';
export type BarEnd = 'succeeded' | 'failed' | 'stopped' | 'open';

/** A stretch of time in which a step ran or waited. */
export interface Bar {
  readonly kind: BarKind;
  readonly attempt: number | undefined;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly end: BarEnd;
}

export interface Row {
  readonly stepId: number;
  readonly bars: readonly Bar[];
}

/** What begins with an entry of the type. */
const BEGINS: Partial<Record<TimelineEvent['type'], BarKind>> = {
  step_running: 'attempt',
  approval_required: 'approval',
  step_retry_scheduled: 'retry',
  step_waits_for_tool: 'limit',
  step_dead_lettered: 'person',
};
/** With which entries ends what a step is doing. */
const ENDS: Partial<Record<TimelineEvent['type'], BarEnd>> = {
  step_succeeded: 'succeeded',
  step_failed: 'failed',
  step_skipped: 'stopped',
  approval_granted: 'succeeded',
  approval_rejected: 'stopped',
  step_retry_requested: 'stopped',
};

const isFinal = (type: TimelineEvent['type']): boolean =>
  type === 'workflow_cancelled' || type === 'workflow_failed' || type === 'workflow_complete';

/** Attempts and waits of each step that has begun, in the order in which they began; what goes on ends `now`, or with the run. */
export function rowsOf(entries: readonly TimelineEvent[], now: number): readonly Row[] {
  const rows = new Map<number, Bar[]>();
  const open = new Map<number, Bar>();
  const close = (stepId: number, to: number, end: BarEnd): void => {
    const bar = open.get(stepId);
    if (bar) rows.get(stepId)!.push({ ...bar, to, end });
    open.delete(stepId);
  };
  for (const { type, step_id: stepId, at, data } of entries) {
    const time = Date.parse(at);
    if (stepId === null) {
      if (isFinal(type)) for (const id of [...open.keys()]) close(id, time, 'stopped');
      continue;
    }
    const [kind, end] = [BEGINS[type], ENDS[type]];
    if (kind === undefined && end === undefined) continue;
    if (!rows.has(stepId)) rows.set(stepId, []);
    close(stepId, time, end ?? 'stopped');
    const attempt = typeof data['attempt'] === 'number' ? data['attempt'] : undefined;
    if (kind) open.set(stepId, { kind, attempt, from: time, to: time, end: 'open' });
  }
  for (const id of [...open.keys()]) close(id, Math.max(now, open.get(id)!.from), 'open');
  return [...rows]
    .filter(([, bars]) => bars.length > 0)
    .map(([stepId, bars]) => ({ stepId, bars }))
    .sort((one, other) => one.bars[0]!.from - other.bars[0]!.from || one.stepId - other.stepId);
}
