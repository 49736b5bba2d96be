import { Inject, Injectable } from '@nestjs/common';
import { ApplicationError } from '../application.errors.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { READ_MODEL_PROGRESS, type ReadModelProgress } from '../ports/read-models.js';
import { workflowStream } from '../workflow/workflow-codec.js';
import { workflowNotFound } from './workflow-not-found.js';

/** Part of a question: answer from read models that have reached this log position (read your own writes). */
export interface Freshness {
  readonly minPosition?: bigint;
}

/** How long a question waits for the read models, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;

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
    const submittedAt = await this.submissionOf(workflowId);
    if (submittedAt === undefined) throw workflowNotFound(workflowId);
    await this.await({ minPosition: submittedAt });
    const arrived = await read();
    if (arrived !== undefined) return arrived;
    throw new ApplicationError('read-model.behind', `The read models do not hold workflow ${workflowId} yet: ask again.`);
  }

  /** Log position of a run's submission; undefined where there is none (parts of a large plan may be stored before it). */
  private async submissionOf(workflowId: number): Promise<bigint | undefined> {
    for await (const { type, position } of this.log.readStream(workflowStream(workflowId))) {
      if (type === 'WorkflowSubmitted') return position;
    }
    return undefined;
  }
}
