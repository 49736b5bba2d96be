import { createHash, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '../../domain/json.js';
import type { SkipReason } from '../../domain/schedule/schedule.events.js';
import { ApplicationError } from '../application.errors.js';
import { EVENT_LOG, RevisionConflict, type Actor, type EventLog, type RecordedEvent } from '../ports/event-log.js';
import { firstShapesOf, lastReadable } from '../newer-event.js';
import { Sequences } from '../ids/sequences.js';

/** Somebody has settled that the occurrence is not run. */
export class OccurrenceIsSkipped extends Error {
  override readonly name = 'OccurrenceIsSkipped';
  constructor(readonly because: SkipReason) {
    super(`the occurrence is skipped: ${because}`);
  }
}

/** An occurrence of a schedule, ISO 8601 UTC. */
export interface Occurrence {
  readonly scheduleId: number;
  readonly scheduledFor: string;
}

interface Claim {
  readonly type: string;
  /** Stream of what is claimed. */
  readonly of: string;
  readonly data: JsonObject;
}

type Claimed = 'workflow' | 'schedule';

export const CLAIM_SHAPES = firstShapesOf(['SubmissionClaimed', 'OccurrenceClaimed', 'CompensationClaimed']);

const streamOfKey = (prefix: string, userId: number, key: string): string =>
  `${prefix}-${createHash('sha256').update(`${userId}\n${key}`).digest('hex')}`;

const compensationStream = (workflowId: number): string => `compensation-${workflowId}`;

/** @throws ApplicationError idempotency-key.reused, where the key was used for something else */
function idIn(claimed: JsonObject, what: Claimed, request: string): number {
  if (claimed['request'] !== request)
    throw new ApplicationError('idempotency-key.reused', 'This Idempotency-Key was used for another submission: choose a new key.');
  return claimed[`${what}Id`] as number;
}

const occurrenceStream = ({ scheduleId, scheduledFor }: Occurrence): string => `occurrence-${scheduleId}-${Date.parse(scheduledFor)}`;
const BY_COMPENSATION: Actor = { kind: 'system', id: 'compensation', authenticated: true };
const BY_SCHEDULES: Actor = { kind: 'system', id: 'schedules', authenticated: true };

/**
 * Binds an idempotency key to one run: the first submission with the key claims it in a stream of its own, later ones find the claim. The key itself is not
 * stored, only its hash. An occurrence of a schedule, and a run that is undone, are bound to their runs in the same way, in streams that no key of a client leads to.
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
  claim(userId: number, key: string, request: string): Promise<number> {
    return this.byKey('workflow', 'submission', userId, key, request);
  }

  /** The same for a schedule. @throws ApplicationError idempotency-key.reused */
  claimSchedule(userId: number, key: string, request: string): Promise<number> {
    return this.byKey('schedule', 'scheduling', userId, key, request);
  }

  /** The schedule that the key stands for, where it stands for one already. @throws ApplicationError idempotency-key.reused */
  async scheduleOf(userId: number, key: string, request: string): Promise<number | undefined> {
    const claimed = await this.claimed(streamOfKey('scheduling', userId, key));
    return claimed && idIn(claimed.data, 'schedule', request);
  }

  /** Whether another run undoes the run, or is to. */
  async isCompensated(workflowId: number): Promise<boolean> {
    return (await this.claimed(compensationStream(workflowId))) !== undefined;
  }

  /** The id of the occurrence's run, whoever asks and how often. @throws OccurrenceIsSkipped */
  async runOf(occurrence: Occurrence): Promise<number> {
    const claimed = await this.first(occurrenceStream(occurrence), BY_SCHEDULES, async () => {
      const workflowId = await this.sequences.next('workflow');
      return { type: 'OccurrenceClaimed', of: `workflow-${workflowId}`, data: { ...occurrence, workflowId } };
    });
    if (claimed['workflowId'] === null) throw new OccurrenceIsSkipped(claimed['because'] as SkipReason);
    return claimed['workflowId'] as number;
  }

  /** The id of the run that undoes another one, whoever asks and how often. */
  async compensationOf(workflowId: number): Promise<number> {
    const claimed = await this.first(compensationStream(workflowId), BY_COMPENSATION, async () => {
      const compensation = await this.sequences.next('workflow');
      return { type: 'CompensationClaimed', of: `workflow-${compensation}`, data: { compensates: workflowId, workflowId: compensation } };
    });
    return claimed['workflowId'] as number;
  }

  /** Settles that the occurrence is not run. Answers with the id of its run, where somebody has settled that it is. */
  async skip(occurrence: Occurrence, because: SkipReason): Promise<number | null> {
    const claimed = await this.first(occurrenceStream(occurrence), BY_SCHEDULES, () =>
      Promise.resolve({
        type: 'OccurrenceClaimed',
        of: `schedule-${occurrence.scheduleId}`,
        data: { ...occurrence, workflowId: null, because },
      }),
    );
    return claimed['workflowId'] as number | null;
  }

  private async byKey(what: Claimed, prefix: string, userId: number, key: string, request: string): Promise<number> {
    const actor = { kind: 'user', id: String(userId), authenticated: false } as const;
    const claimed = await this.first(streamOfKey(prefix, userId, key), actor, async () => {
      const id = await this.sequences.next(what);
      return { type: 'SubmissionClaimed', of: `${what}-${id}`, data: { [`${what}Id`]: id, request } };
    });
    return idIn(claimed, what, request);
  }

  /** @throws EventLogUnavailable, NewerEvent */
  private claimed(streamId: string): Promise<RecordedEvent | undefined> {
    return lastReadable(this.log, streamId, CLAIM_SHAPES);
  }

  /** The data of the stream's one event, which is made where there is none. */
  private async first(streamId: string, actor: Actor, make: () => Promise<Claim>): Promise<JsonObject> {
    for (;;) {
      const claimed = await this.claimed(streamId);
      if (claimed) return claimed.data;
      const { type, of, data } = await make();
      const id = randomUUID();
      const metadata = { $correlationId: of, commandId: id, actor, schemaVersion: 1 };
      try {
        await this.log.append(streamId, [{ id, type, data, metadata }], 'no-stream');
        return data;
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
  }
}
