import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { actOnRun, type Act, type RunAfterAct } from './act.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/** Nothing new starts in a run until it is resumed; what runs finishes. Repeating it changes nothing. @throws DomainError workflow.not-found, workflow.finished, workflow.not-running */
export class PauseWorkflow extends Command<RunAfterAct> {
  constructor(readonly act: Act) {
    super();
  }
}

@CommandHandler(PauseWorkflow)
export class PauseWorkflowHandler implements ICommandHandler<PauseWorkflow> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  execute({ act }: PauseWorkflow): Promise<RunAfterAct> {
    return actOnRun(this.decisions, act, { type: 'PauseWorkflow', data: byHand(act) });
  }
}
