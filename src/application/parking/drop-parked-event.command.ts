import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { actOnRun, type RunAfterAct } from '../workflow/act.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import type { ParkedEventAct } from './parked-event.js';

/** Leaves a parked event as it is: nobody deals with it any more. @throws DomainError workflow.not-found, parked-event.not-found */
export class DropParkedEvent extends Command<RunAfterAct> {
  constructor(readonly act: ParkedEventAct) {
    super();
  }
}

@CommandHandler(DropParkedEvent)
export class DropParkedEventHandler implements ICommandHandler<DropParkedEvent> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  execute({ act }: DropParkedEvent): Promise<RunAfterAct> {
    const { handler, revision } = act;
    return actOnRun(this.decisions, act, { type: 'SettleParkedEvent', data: { handler, revision, outcome: 'dropped', ...byHand(act) } });
  }
}
