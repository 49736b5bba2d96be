import { LRUCache } from 'lru-cache';
import type { EventLog } from '../ports/event-log.js';
import { submissionOf } from '../workflow/submission.js';

/** Runs whose user is remembered; others are asked for again. */
const REMEMBERED_RUNS = 50_000;

/** Whose run it is, by its submission in the log. */
export class RunOwners {
  readonly #owners = new LRUCache<number, Promise<number | undefined>>({ max: REMEMBERED_RUNS });

  constructor(private readonly log: EventLog) {}

  remember(workflowId: number, userId: number): void {
    this.#owners.set(workflowId, Promise.resolve(userId));
  }

  /** Undefined where there is no submission. @throws EventLogUnavailable */
  ownerOf(workflowId: number): Promise<number | undefined> {
    const known = this.#owners.get(workflowId);
    if (known) return known;
    const asked = this.#read(workflowId);
    // Followers that ask meanwhile share the answer; one that is none is not kept.
    this.#owners.set(workflowId, asked);
    const forget = (): void => {
      if (this.#owners.peek(workflowId) === asked) this.#owners.delete(workflowId);
    };
    asked.then((userId) => userId === undefined && forget(), forget);
    return asked;
  }

  async #read(workflowId: number): Promise<number | undefined> {
    return (await submissionOf(this.log, workflowId))?.data['userId'] as number | undefined;
  }
}
