import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ApplicationError } from '../application.errors.js';
import { EVENT_LOG, RevisionConflict, type EventLog } from '../ports/event-log.js';
import { Sequences } from '../ids/sequences.js';

/**
 * Binds an idempotency key to one run: the first submission with the key claims it in a stream of its own, later ones find the claim. The key itself is not
 * stored, only its hash.
 */
@Injectable()
export class SubmissionClaims {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly sequences: Sequences,
  ) {}

  /**
   * The id of the run that the key stands for: a new one the first time.
   * @param request fingerprint of what is submitted
   * @throws ApplicationError idempotency-key.reused, where the key was used for something else
   */
  async claim(userId: number, key: string, request: string): Promise<number> {
    const streamId = `submission-${createHash('sha256').update(`${userId}\n${key}`).digest('hex')}`;
    for (;;) {
      const claimed = await this.log.readLast(streamId);
      if (claimed) {
        if (claimed.data['request'] !== request) {
          throw new ApplicationError('idempotency-key.reused', 'This Idempotency-Key was used for another submission: choose a new key.');
        }
        return claimed.data['workflowId'] as number;
      }
      const workflowId = await this.sequences.next('workflow');
      const id = randomUUID();
      const actor = { kind: 'user', id: String(userId), authenticated: false } as const;
      const metadata = { $correlationId: `workflow-${workflowId}`, commandId: id, actor, schemaVersion: 1 };
      try {
        await this.log.append(streamId, [{ id, type: 'SubmissionClaimed', data: { workflowId, request }, metadata }], 'no-stream');
        return workflowId;
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
  }
}
