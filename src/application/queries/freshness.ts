import { Inject, Injectable } from '@nestjs/common';
import { ApplicationError } from '../application.errors.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { READ_MODEL_PROGRESS, type ReadModelProgress } from '../ports/read-models.js';
import { submissionOf } from '../workflow/submission.js';
import { workflowNotFound } from './workflow-not-found.js';

/** Part of a question: answer from read models that have reached this log position (read your own writes). */
export interface Freshness {
  readonly minPosition?: bigint;
}

/** How long anybody waits for the read models, in milliseconds. */
export const LONGEST_WAIT_MS = 5_000;

@Injectable()
export class FreshReadModels {
  constructor(
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    @Inject(EVENT_LOG) private readonly log: EventLog,
  ) {}

  /** @throws ApplicationError read-model.behind */
  async await({ minPosition }: Freshness): Promise<void> {
    if (minPosition === undefined || (await this.progress.waitFor(minPosition, LONGEST_WAIT_MS))) return;
    throw new ApplicationError(
      'read-model.behind',
      `The read models have not reached position ${minPosition} within ${LONGEST_WAIT_MS} ms: ask again.`,
    );
  }

  /**
   * What the read models say of a run. One that they do not hold yet, though it was submitted, is waited for: only the log knows that a run never was.
   * @throws DomainError workflow.not-found; ApplicationError read-model.behind
   */
  async ofRun<T>({ workflowId, ...question }: Freshness & { readonly workflowId: number }, read: () => Promise<T | undefined>): Promise<T> {
    await this.await(question);
    const found = await read();
    if (found !== undefined) return found;
    const submission = await submissionOf(this.log, workflowId);
    if (!submission) throw workflowNotFound(workflowId);
    await this.await({ minPosition: submission.position });
    const arrived = await read();
    if (arrived !== undefined) return arrived;
    throw new ApplicationError('read-model.behind', `The read models do not hold workflow ${workflowId} yet: ask again.`);
  }
}
