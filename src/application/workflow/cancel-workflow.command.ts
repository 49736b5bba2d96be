import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { actOnRun, type Act, type RunAfterAct } from './act.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/**
 * Ends a run: nothing new starts, running steps get their abort signal, and the run is cancelled when they have their outcome. Repeating it changes nothing.
 * @throws DomainError workflow.not-found, workflow.finished, workflow.stopping
 */
export class CancelWorkflow extends Command<RunAfterAct> {
  /** @param act `compensate`: what its steps have done is undone by another run, once this one has ended */
  constructor(readonly act: Act & { readonly compensate?: boolean }) {
    super();
  }
}

@CommandHandler(CancelWorkflow)
export class CancelWorkflowHandler implements ICommandHandler<CancelWorkflow> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  execute({ act }: CancelWorkflow): Promise<RunAfterAct> {
    const { reason = 'Cancelled on request.', decidedBy, compensate } = act;
    const data = { reason, ...(decidedBy === undefined ? {} : { cancelledBy: decidedBy }), ...(compensate && { compensate }) };
    return actOnRun(this.decisions, act, { type: 'CancelWorkflow', data });
  }
}
