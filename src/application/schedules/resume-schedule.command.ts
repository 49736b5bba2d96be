import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ScheduleAct } from './schedule-act.js';
import { ScheduleDecisions, type DecidedSchedule } from './schedule-decisions.js';

/** Occurrences from while it was paused never come. @throws DomainError schedule.not-found, schedule.deleted */
export class ResumeSchedule extends Command<DecidedSchedule> {
  constructor(readonly act: ScheduleAct) {
    super();
  }
}

@CommandHandler(ResumeSchedule)
export class ResumeScheduleHandler implements ICommandHandler<ResumeSchedule> {
  constructor(private readonly decisions: ScheduleDecisions) {}

  execute({ act }: ResumeSchedule): Promise<DecidedSchedule> {
    return this.decisions.execute(act.scheduleId, { type: 'ResumeSchedule', data: byHand(act) }, act.actor);
  }
}
