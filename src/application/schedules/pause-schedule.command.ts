import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ScheduleAct } from './schedule-act.js';
import { ScheduleDecisions, type DecidedSchedule } from './schedule-decisions.js';

/** Nothing is submitted until it is resumed; its runs go on. @throws DomainError schedule.not-found, schedule.deleted */
export class PauseSchedule extends Command<DecidedSchedule> {
  constructor(readonly act: ScheduleAct) {
    super();
  }
}

@CommandHandler(PauseSchedule)
export class PauseScheduleHandler implements ICommandHandler<PauseSchedule> {
  constructor(private readonly decisions: ScheduleDecisions) {}

  execute({ act }: PauseSchedule): Promise<DecidedSchedule> {
    return this.decisions.execute(act.scheduleId, { type: 'PauseSchedule', data: byHand(act) }, act.actor);
  }
}
