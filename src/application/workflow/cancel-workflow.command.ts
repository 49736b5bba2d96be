import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RunState } from '../../domain/workflow/lifecycle.js';
import type { Actor } from '../ports/event-log.js';
import { WorkflowDecisions } from './workflow-decisions.js';

export interface Cancellation {
  readonly workflowId: number;
  readonly reason?: string;
  readonly actor: Actor;
}

export interface CancelledRun {
  readonly workflowId: number;
  readonly state: RunState;
  readonly position: bigint;
}

/** Ends a run: nothing new starts, running steps get their abort signal. Repeating it changes nothing. @throws DomainError workflow.not-found, workflow.finished */
export class CancelWorkflow extends Command<CancelledRun> {
  constructor(readonly cancellation: Cancellation) {
    super();
  }
}

@CommandHandler(CancelWorkflow)
export class CancelWorkflowHandler implements ICommandHandler<CancelWorkflow> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  async execute({ cancellation: { workflowId, reason, actor } }: CancelWorkflow): Promise<CancelledRun> {
    const command = { type: 'CancelWorkflow', data: { reason: reason ?? 'Cancelled on request.' } } as const;
    const { state, position } = await this.decisions.execute(workflowId, command, { actor });
    return { workflowId, state: state.state!, position };
  }
}
