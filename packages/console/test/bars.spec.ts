import type { TimelineEvent } from '../src/api/client';
import { rowsOf } from '../src/pages/run/bars';

const entry = (second: number, type: TimelineEvent['type'], step: number | null, attempt?: number): TimelineEvent => ({
  id: second,
  position: String(second),
  type,
  message: '',
  step_id: step,
  at: new Date(second * 1_000).toISOString(),
  data: attempt === undefined ? {} : { attempt },
});
const shapeOf = (entries: readonly TimelineEvent[], now = 100) =>
  rowsOf(entries, now * 1_000).map(({ stepId, bars }) => [
    stepId,
    ...bars.map(({ kind, from, to, end }) => `${kind} ${from / 1_000}-${to / 1_000} ${end}`),
  ]);

it('attempts and the waits between them are bars', () => {
  expect(
    shapeOf([
      entry(1, 'step_ready', 1, 1),
      entry(2, 'approval_required', 1),
      entry(5, 'approval_granted', 1),
      entry(6, 'step_waits_for_tool', 1, 1),
      entry(7, 'step_running', 1, 1),
      entry(9, 'step_failed', 1, 1),
      entry(9, 'step_retry_scheduled', 1, 2),
      entry(12, 'step_ready', 1, 2),
      entry(13, 'step_running', 1, 2),
      entry(15, 'step_succeeded', 1, 2),
    ]),
  ).toEqual([[1, 'approval 2-5 succeeded', 'limit 6-7 stopped', 'attempt 7-9 failed', 'retry 9-13 stopped', 'attempt 13-15 succeeded']]);
});

it('what goes on ends now, or with the run; steps that have not begun have no row', () => {
  const entries = [entry(1, 'step_ready', 3, 1), entry(2, 'step_running', 2, 1), entry(3, 'step_running', 1, 1)];
  expect(shapeOf(entries)).toEqual([
    [2, 'attempt 2-100 open'],
    [1, 'attempt 3-100 open'],
  ]);
  expect(shapeOf([...entries, entry(9, 'workflow_cancelled', null)])).toEqual([
    [2, 'attempt 2-9 stopped'],
    [1, 'attempt 3-9 stopped'],
  ]);
});
