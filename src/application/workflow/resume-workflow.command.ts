import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { actOnRun, type Act, type RunAfterAct } from './act.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/** A paused run goes on. Repeating it changes nothing. @throws DomainError workflow.not-found, workflow.finished, workflow.not-running */
export class ResumeWorkflow extends Command<RunAfterAct> {
  constructor(readonly act: Act) {
    super();
  }
}

@CommandHandler(ResumeWorkflow)
export class ResumeWorkflowHandler implements ICommandHandler<ResumeWorkflow> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  execute({ act }: ResumeWorkflow): Promise<RunAfterAct> {
    return actOnRun(this.decisions, act, { type: 'ResumeWorkflow', data: byHand(act) });
  }
}
