import { Inject, Injectable } from '@nestjs/common';
import { ApplicationError } from '../application.errors.js';
import { READ_MODEL_PROGRESS, type ReadModelProgress } from '../ports/read-models.js';

/** Part of a question: answer from read models that have reached this log position (read your own writes). */
export interface Freshness {
  readonly minPosition?: bigint;
}

/** How long a question waits for the read models, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;

@Injectable()
export class FreshReadModels {
  constructor(@Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress) {}

  /** @throws ApplicationError read-model.behind */
  async await({ minPosition }: Freshness): Promise<void> {
    if (minPosition === undefined || (await this.progress.waitFor(minPosition, LONGEST_WAIT_MS))) return;
    throw new ApplicationError(
      'read-model.behind',
      `The read models have not reached position ${minPosition} within ${LONGEST_WAIT_MS} ms: ask again.`,
    );
  }
}
