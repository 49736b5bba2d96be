import type { RecordedEvent } from '../../../src/application/ports/event-log.js';
import { workflowEventOf } from '../../../src/application/workflow/workflow-codec.js';

/** An event as an older version of the engine stored it. */
const stored = (type: string, data: object): RecordedEvent => ({
  id: '1',
  streamId: 'workflow-7',
  revision: 3,
  position: 9n,
  type,
  data: { workflowId: 7, at: '2026-01-05T08:00:00.000Z', stepId: 1, name: 'Step 1', ...data },
  metadata: { schemaVersion: 1 },
});

describe('events of older versions', () => {
  it.each([
    ['tool.timed-out', 'unknown'],
    ['attempt.interrupted', 'unknown'],
    ['mail.rejected', 'none'],
  ])('say by the code %s what became of the effect: %s', (code, effect) => {
    const error = { code, message: 'no', retryable: true };
    for (const type of ['StepFailed', 'StepDeadLettered']) {
      expect(workflowEventOf(stored(type, { error }))).toMatchObject({ type, data: { error: { ...error, effect } } });
    }
  });

  it('say by their reason why a step was skipped', () => {
    const causeOf = (reason: string) => (workflowEventOf(stored('StepSkipped', { reason }))!.data as unknown as { cause: string }).cause;
    expect(causeOf('Its approval was rejected: too risky')).toBe('rejected');
    expect(causeOf('It depends on "Search", which was skipped.')).toBe('dependency');
  });

  it('are left as they are where they say it themselves', () => {
    const error = { code: 'tool.invalid-args', message: 'no', retryable: false, effect: 'none' };
    const event = stored('StepFailed', { error });
    expect(workflowEventOf(event)!.data).toBe(event.data);
  });
});
