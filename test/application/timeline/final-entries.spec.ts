import { until } from '@lifeos/test-support';
import { FinalEntries } from '../../../src/application/timeline/final-entries.js';
import type { LoggedEntry } from '../../../src/application/timeline/logged-entry.js';
import type { TimelineType } from '../../../src/domain/workflow/timeline.js';
import { LogRecorder } from '../support/log-recorder.js';
import { ScriptedProgress } from './support/scripted-progress.js';

const entryAt = (position: bigint, type: TimelineType = 'workflow_complete'): LoggedEntry => ({
  id: 3,
  workflowId: 7,
  position,
  type,
  message: '',
  stepId: null,
  at: '2026-02-14T10:30:01.000Z',
  data: {},
});

describe('the final entry of a run', () => {
  let progress: ScriptedProgress;
  let logger: LogRecorder;
  let finals: FinalEntries;
  let told: bigint[];
  beforeEach(() => {
    progress = new ScriptedProgress(10n);
    logger = new LogRecorder();
    finals = new FinalEntries(progress, logger, 5_000);
    told = [];
  });
  const tell = async (...[position, type]: Parameters<typeof entryAt>): Promise<void> => {
    await finals.holdBack(entryAt(position, type));
    told.push(position);
  };
  const waitedFor = (...positions: readonly bigint[]) =>
    until(
      `waits for ${positions.join(', ')}`,
      () => JSON.stringify(progress.awaited.map(Number)) === JSON.stringify(positions.map(Number)),
    );

  it.each(['workflow_complete', 'workflow_failed', 'workflow_cancelled'] as const)('waits for the read models: %s', async (type) => {
    const telling = tell(12n, type);
    await waitedFor(12n);
    expect(told).toEqual([]);
    progress.reach(12n);
    await telling;
    expect(told).toEqual([12n]);
    expect(logger.lines).toEqual([]);
  });

  it('does not wait for what they hold already, nor do other entries', async () => {
    await tell(9n);
    await tell(99n, 'step_succeeded');
    await tell(99n, 'workflow_started');
    expect(progress.awaited).toEqual([]);
  });

  it('waits once for all who follow the run', async () => {
    const telling = Promise.all([tell(12n), tell(12n), tell(12n)]);
    await waitedFor(12n);
    progress.reach(12n);
    await telling;
    expect(progress.awaited).toEqual([12n]);
  });

  it('is told late rather than never, and nobody waits again until the read models have moved on', async () => {
    const first = tell(12n);
    await waitedFor(12n);
    progress.timeOut();
    await first;
    await tell(13n);
    expect(progress.awaited).toEqual([12n]);
    expect(logger.lines).toEqual([
      'warn: live timelines tell of finished runs before the read models: they have not reached position 12 within 5000 ms',
    ]);
    progress.reach(12n);
    const next = tell(14n);
    await waitedFor(12n, 14n);
    progress.reach(14n);
    await next;
    expect(told).toEqual([12n, 13n, 14n]);
    expect(logger.lines).toHaveLength(1);
  });

  it('is told although the database is away', async () => {
    progress.fault = new Error('connection refused');
    await tell(12n);
    await tell(13n);
    expect(logger.lines).toEqual(['warn: live timelines tell of finished runs before the read models: connection refused']);
    progress.fault = undefined;
    progress.reach(13n);
    const next = tell(14n);
    await waitedFor(14n);
    progress.reach(14n);
    await next;
  });
});
