import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { rerunOf } from '../../domain/workflow/decisions/rerun.js';
import type { Act } from './act.js';
import { SubmissionClaims } from './submission-claims.js';
import { SubmitIntent, type SubmittedRun } from './submit-intent.command.js';
import { WorkflowDecisions } from './workflow-decisions.js';

export interface RerunAct extends Act {
  /** Keys of the steps to begin with; those that have not succeeded where it is absent. */
  readonly from?: readonly string[];
  /** A repeat with the same key answers with the first run. */
  readonly idempotencyKey?: string;
}

/**
 * Runs a finished run again, or parts of it, as a run of its own: with the tools that there are now, and approvals of its own. What is not run again is taken over
 * with its output.
 * @throws DomainError workflow.not-found, workflow.not-finished, workflow.not-planned, step.not-found, plan.*
 */
export class RerunWorkflow extends Command<SubmittedRun> {
  constructor(readonly act: RerunAct) {
    super();
  }
}

@CommandHandler(RerunWorkflow)
export class RerunWorkflowHandler implements ICommandHandler<RerunWorkflow> {
  constructor(
    private readonly commands: CommandBus,
    private readonly decisions: WorkflowDecisions,
    private readonly claims: SubmissionClaims,
  ) {}

  async execute({ act }: RerunWorkflow): Promise<SubmittedRun> {
    const { workflowId, from, actor, idempotencyKey } = act;
    const { state } = await this.decisions.read(workflowId);
    const { plan, reused } = rerunOf(state, from, await this.claims.isCompensated(workflowId));
    const { userId, intent, approvalFrom, timeZone, onFailure, priority } = state;
    return this.commands.execute(
      new SubmitIntent({
        userId,
        intent,
        plan,
        rerun: { ...reused, by: byHand(act) },
        approvalFrom,
        onFailure,
        priority,
        actor,
        ...(timeZone === null ? {} : { timeZone }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      }),
    );
  }
}
