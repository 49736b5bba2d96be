import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Json } from '../../domain/json.js';
import type { ScheduleDefinition } from '../../domain/schedule/schedule.events.js';
import { validatePlan } from '../../domain/plan/validate-plan.js';
import { checkIntent } from '../../domain/workflow/decisions/submit-intent.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { Sequences } from '../ids/sequences.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { Actor } from '../ports/event-log.js';
import { SCHEDULES_READER, type SchedulesReader } from '../ports/read-models.js';
import { RECURRENCE, type Recurrence } from '../ports/recurrence.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { SubmissionClaims } from '../workflow/submission-claims.js';
import { DEFAULT_TIME_ZONE } from '../workflow/default-time-zone.js';
import { intentOf } from '../workflow/submit-intent.command.js';
import { nextOccurrence } from './occurrences.js';
import { NextOccurrences } from './next-occurrences.js';
import type { ChangedSchedule } from './schedule-act.js';
import { ScheduleDecisions, type DecidedSchedule } from './schedule-decisions.js';

/** Schedules that are active at once, at most. */
export const MAX_ACTIVE_SCHEDULES = 10_000;

/** Longest plan, as JSON, in characters: it is in one event. */
export const MAX_SCHEDULED_PLAN_LENGTH = 256 * 1_024;

export interface NewSchedule extends Omit<ScheduleDefinition, 'intent' | 'timeZone' | 'overlap' | 'catchUp'> {
  /** May be absent where a plan is given. */
  readonly intent?: string;
  /** The configured one where it is absent. */
  readonly timeZone?: string;
  /** `skip` where it is absent. */
  readonly overlap?: ScheduleDefinition['overlap'];
  /** `last` where it is absent. */
  readonly catchUp?: ScheduleDefinition['catchUp'];
  /** A repeat with the same key (per user) answers with the first schedule. */
  readonly idempotencyKey?: string;
  readonly actor: Actor;
}

/** @throws DomainError intent.*, plan.*, schedule.invalid-cron, schedule.never-comes, schedule.too-many; ApplicationError idempotency-key.reused */
export class CreateSchedule extends Command<ChangedSchedule> {
  constructor(readonly schedule: NewSchedule) {
    super();
  }
}

@CommandHandler(CreateSchedule)
export class CreateScheduleHandler implements ICommandHandler<CreateSchedule> {
  constructor(
    private readonly decisions: ScheduleDecisions,
    private readonly sequences: Sequences,
    private readonly next: NextOccurrences,
    @Inject(TOOLS) private readonly tools: Tools,
    @Inject(RECURRENCE) private readonly recurrence: Recurrence,
    @Inject(SCHEDULES_READER) private readonly schedules: SchedulesReader,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly claims: SubmissionClaims,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    @Inject(DEFAULT_TIME_ZONE) private readonly defaultTimeZone: string,
  ) {}

  async execute({ schedule }: CreateSchedule): Promise<ChangedSchedule> {
    const repeated = await this.made(schedule);
    if (repeated) return this.next.afterwards(repeated);
    const {
      actor,
      intent,
      overlap = 'skip',
      catchUp = 'last',
      timeZone = this.defaultTimeZone,
      endsAt,
      idempotencyKey: key,
      ...rest
    } = schedule;
    const length = JSON.stringify(rest.plan ?? null).length;
    if (length > MAX_SCHEDULED_PLAN_LENGTH) {
      const message = `As JSON the plan is ${length} characters long; at most ${MAX_SCHEDULED_PLAN_LENGTH} are possible in a schedule.`;
      throw new DomainError('plan.too-large', message, ['steps']);
    }
    const steps = rest.plan && validatePlan(rest.plan, this.tools);
    const definition: ScheduleDefinition = {
      ...rest,
      intent: checkIntent(intentOf(intent, steps)),
      cron: rest.cron.trim(),
      timeZone,
      overlap,
      catchUp,
      ...(endsAt === undefined ? {} : { endsAt: new Date(endsAt).toISOString() }),
    };
    this.checkTimes(definition);
    if ((await this.schedules.countActive()) >= MAX_ACTIVE_SCHEDULES) {
      throw new DomainError('schedule.too-many', `There are ${MAX_ACTIVE_SCHEDULES} active schedules: pause or delete some.`);
    }
    const { userId } = definition;
    const scheduleId =
      key === undefined ? await this.sequences.next('schedule') : await this.claims.claimSchedule(userId, key, this.requestOf(schedule));
    return this.next.afterwards(await this.decisions.execute(scheduleId, { type: 'CreateSchedule', data: { definition } }, actor));
  }

  /** The schedule that was made with the key: times that were to come then may be past, and what is configured may have changed. */
  private async made(schedule: NewSchedule): Promise<DecidedSchedule | undefined> {
    const { userId, idempotencyKey } = schedule;
    if (idempotencyKey === undefined) return undefined;
    const scheduleId = await this.claims.scheduleOf(userId, idempotencyKey, this.requestOf(schedule));
    if (scheduleId === undefined) return undefined;
    const { state, position } = await this.decisions.read(scheduleId);
    return state && { schedule: state, position };
  }

  /** What was stated. */
  private requestOf({ actor: _actor, idempotencyKey: _key, ...stated }: NewSchedule): string {
    return this.fingerprint(stated as unknown as Json);
  }

  private checkTimes(definition: ScheduleDefinition): void {
    const { cron, timeZone, endsAt } = definition;
    const problem = this.recurrence.problemOf(cron);
    if (problem !== undefined) throw new DomainError('schedule.invalid-cron', `The cron expression is none: ${problem}.`, ['cron']);
    if (nextOccurrence(this.recurrence, definition, this.clock.now()) !== undefined) return;
    const when = endsAt === undefined ? '' : ` before ${endsAt}`;
    throw new DomainError('schedule.never-comes', `"${cron}" never comes${when} (${timeZone}).`, ['cron']);
  }
}
