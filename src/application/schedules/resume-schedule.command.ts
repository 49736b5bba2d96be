import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { NextOccurrences } from './next-occurrences.js';
import type { ChangedSchedule, ScheduleAct } from './schedule-act.js';
import { ScheduleDecisions } from './schedule-decisions.js';

/** Occurrences from while it was paused never come. @throws DomainError schedule.not-found, schedule.deleted */
export class ResumeSchedule extends Command<ChangedSchedule> {
  constructor(readonly act: ScheduleAct) {
    super();
  }
}

@CommandHandler(ResumeSchedule)
export class ResumeScheduleHandler implements ICommandHandler<ResumeSchedule> {
  constructor(
    private readonly decisions: ScheduleDecisions,
    private readonly next: NextOccurrences,
  ) {}

  async execute({ act }: ResumeSchedule): Promise<ChangedSchedule> {
    return this.next.afterwards(await this.decisions.execute(act.scheduleId, { type: 'ResumeSchedule', data: byHand(act) }, act.actor));
  }
}
