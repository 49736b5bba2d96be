import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { bySystem, WorkflowDecisions } from './workflow-decisions.js';

/** Makes a scheduled attempt ready once it is due. @throws DomainError step.retry-not-due, step.not-ready, workflow.finished */
export class RetryStep extends Command<void> {
  constructor(readonly input: { readonly workflowId: number; readonly stepId: number; readonly attempt: number }) {
    super();
  }
}

@CommandHandler(RetryStep)
export class RetryStepHandler implements ICommandHandler<RetryStep> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  async execute({ input: { workflowId, ...data } }: RetryStep): Promise<void> {
    await this.decisions.execute(workflowId, { type: 'RetryStep', data }, bySystem('retry-timer'));
  }
}
