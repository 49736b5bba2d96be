import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { kept } from '../../domain/schedule/schedule.decider.js';
import type { Actor } from '../ports/event-log.js';
import { SubmitIntent, type SubmittedRun } from '../workflow/submit-intent.command.js';
import { ScheduleDecisions } from './schedule-decisions.js';
import { scheduledSubmission } from './scheduled-submission.js';

export interface TriggerAct {
  readonly scheduleId: number;
  readonly actor: Actor;
  /** A repeat with the same key answers with the first run. */
  readonly idempotencyKey?: string;
}

/**
 * Submits what the schedule submits, now: whether it is paused, or its last run is unfinished. Its occurrences come as they would have.
 * @throws DomainError schedule.not-found, schedule.deleted, plan.*; ApplicationError idempotency-key.reused
 */
export class TriggerSchedule extends Command<SubmittedRun> {
  constructor(readonly act: TriggerAct) {
    super();
  }
}

@CommandHandler(TriggerSchedule)
export class TriggerScheduleHandler implements ICommandHandler<TriggerSchedule> {
  constructor(
    private readonly commands: CommandBus,
    private readonly decisions: ScheduleDecisions,
  ) {}

  async execute({ act: { scheduleId, actor, idempotencyKey } }: TriggerSchedule): Promise<SubmittedRun> {
    const schedule = kept(scheduleId, (await this.decisions.read(scheduleId)).state);
    const submission = scheduledSubmission(schedule, actor);
    return this.commands.execute(new SubmitIntent(idempotencyKey === undefined ? submission : { ...submission, idempotencyKey }));
  }
}
