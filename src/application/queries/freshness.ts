import { Inject, Injectable } from '@nestjs/common';
import { ApplicationError } from '../application.errors.js';
import type { DomainError } from '../../domain/workflow/workflow.errors.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { READ_MODEL_PROGRESS, type ReadModelProgress } from '../ports/read-models.js';
import { submissionOf } from '../workflow/submission.js';
import { workflowNotFound } from './workflow-not-found.js';

/** Part of a question: answer from read models that have reached this log position (read your own writes). */
export interface Freshness {
  readonly minPosition?: bigint;
}

/** Something that a question is about by its id, in the read models and in the log. */
export interface Sought<T> {
  /** As a sentence names it. */
  readonly name: string;
  readonly read: () => Promise<T | undefined>;
  /** Log position by which it is recorded; undefined where it never was. */
  readonly recordedAt: () => Promise<bigint | undefined>;
  readonly missing: () => DomainError;
}

/** How long anybody waits for the read models, in milliseconds. */
export const LONGEST_WAIT_MS = 5_000;

@Injectable()
export class FreshReadModels {
  constructor(
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    @Inject(EVENT_LOG) private readonly log: EventLog,
  ) {}

  /** Waits until the read models have reached the position, where the question names one. @throws ApplicationError read-model.behind */
  async waitForPosition({ minPosition }: Freshness): Promise<void> {
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
  ofRun<T>(question: Freshness & { readonly workflowId: number }, read: () => Promise<T | undefined>): Promise<T> {
    const { workflowId } = question;
    return this.sought(question, {
      name: `workflow ${workflowId}`,
      read,
      recordedAt: async () => (await submissionOf(this.log, workflowId))?.position,
      missing: () => workflowNotFound(workflowId),
    });
  }

  /**
   * One thing that the read models hold, or will.
   * @throws what the thing says where it never was; ApplicationError read-model.behind
   */
  async sought<T>(question: Freshness, { name, read, recordedAt, missing }: Sought<T>): Promise<T> {
    await this.waitForPosition(question);
    const found = await read();
    if (found !== undefined) return found;
    const position = await recordedAt();
    if (position === undefined) throw missing();
    await this.waitForPosition({ minPosition: position });
    const arrived = await read();
    if (arrived !== undefined) return arrived;
    throw new ApplicationError('read-model.behind', `The read models do not hold ${name} yet: ask again.`);
  }
}
