import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { NextOccurrences } from './next-occurrences.js';
import type { ChangedSchedule, ScheduleAct } from './schedule-act.js';
import { ScheduleDecisions } from './schedule-decisions.js';

/** Nothing is submitted until it is resumed; its runs go on. @throws DomainError schedule.not-found, schedule.deleted */
export class PauseSchedule extends Command<ChangedSchedule> {
  constructor(readonly act: ScheduleAct) {
    super();
  }
}

@CommandHandler(PauseSchedule)
export class PauseScheduleHandler implements ICommandHandler<PauseSchedule> {
  constructor(
    private readonly decisions: ScheduleDecisions,
    private readonly next: NextOccurrences,
  ) {}

  async execute({ act }: PauseSchedule): Promise<ChangedSchedule> {
    return this.next.afterwards(await this.decisions.execute(act.scheduleId, { type: 'PauseSchedule', data: byHand(act) }, act.actor));
  }
}
