import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { actOnRun, type Act, type RunAfterAct } from './act.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/** Ends a run as failed, for a person sees no way on. Repeating it changes nothing. @throws DomainError workflow.not-found, workflow.finished, workflow.stopping */
export class GiveUpWorkflow extends Command<RunAfterAct> {
  constructor(readonly act: Act) {
    super();
  }
}

@CommandHandler(GiveUpWorkflow)
export class GiveUpWorkflowHandler implements ICommandHandler<GiveUpWorkflow> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  execute({ act }: GiveUpWorkflow): Promise<RunAfterAct> {
    return actOnRun(this.decisions, act, { type: 'GiveUpWorkflow', data: { reason: 'Given up on request.', ...byHand(act) } });
  }
}
