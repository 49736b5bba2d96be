import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { NextOccurrences } from './next-occurrences.js';
import type { ChangedSchedule, ScheduleAct } from './schedule-act.js';
import { ScheduleDecisions } from './schedule-decisions.js';

/** Nothing is submitted any more; its runs go on. @throws DomainError schedule.not-found */
export class DeleteSchedule extends Command<ChangedSchedule> {
  constructor(readonly act: ScheduleAct) {
    super();
  }
}

@CommandHandler(DeleteSchedule)
export class DeleteScheduleHandler implements ICommandHandler<DeleteSchedule> {
  constructor(
    private readonly decisions: ScheduleDecisions,
    private readonly next: NextOccurrences,
  ) {}

  async execute({ act }: DeleteSchedule): Promise<ChangedSchedule> {
    return this.next.afterwards(await this.decisions.execute(act.scheduleId, { type: 'DeleteSchedule', data: byHand(act) }, act.actor));
  }
}
