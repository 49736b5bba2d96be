import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ScheduleAct } from './schedule-act.js';
import { ScheduleDecisions, type DecidedSchedule } from './schedule-decisions.js';

/** Nothing is submitted any more; its runs go on. @throws DomainError schedule.not-found */
export class DeleteSchedule extends Command<DecidedSchedule> {
  constructor(readonly act: ScheduleAct) {
    super();
  }
}

@CommandHandler(DeleteSchedule)
export class DeleteScheduleHandler implements ICommandHandler<DeleteSchedule> {
  constructor(private readonly decisions: ScheduleDecisions) {}

  execute({ act }: DeleteSchedule): Promise<DecidedSchedule> {
    return this.decisions.execute(act.scheduleId, { type: 'DeleteSchedule', data: byHand(act) }, act.actor);
  }
}
