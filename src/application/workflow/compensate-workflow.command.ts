import { Inject } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { compensationOf } from '../../domain/workflow/decisions/compensation.js';
import { MAX_INTENT_LENGTH } from '../../domain/workflow/decisions/submit-intent.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import type { Act } from './act.js';
import { SubmitIntent, type SubmittedRun } from './submit-intent.command.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/**
 * Undoes what a finished run did, in a run of its own: each undo has its own risk, approval and attempts. A repeat answers with the same run.
 * @throws DomainError workflow.not-found, workflow.not-finished, workflow.nothing-to-undo
 */
export class CompensateWorkflow extends Command<SubmittedRun> {
  constructor(readonly act: Act) {
    super();
  }
}

/** An intent is as long as it may be; half of a surrogate pair at its end is no character. */
const intentOfUndo = (workflowId: number, intent: string): string =>
  `Undo workflow ${workflowId}: ${intent}`.slice(0, MAX_INTENT_LENGTH).replace(/[\ud800-\udbff]$/, '');

@CommandHandler(CompensateWorkflow)
export class CompensateWorkflowHandler implements ICommandHandler<CompensateWorkflow> {
  constructor(
    private readonly commands: CommandBus,
    private readonly decisions: WorkflowDecisions,
    @Inject(TOOLS) private readonly tools: Tools,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async execute({ act }: CompensateWorkflow): Promise<SubmittedRun> {
    const { workflowId, actor } = act;
    const { state } = await this.decisions.read(workflowId);
    const { plan, notUndone } = compensationOf(state, this.tools);
    for (const { stepId, name, reason } of notUndone)
      this.logger.error(`step ${stepId} of workflow ${workflowId} ("${name}") cannot be undone: ${reason}`);
    const { userId, intent, approvalFrom, timeZone, priority } = state;
    return this.commands.execute(
      new SubmitIntent({
        userId,
        intent: intentOfUndo(workflowId, intent),
        plan,
        compensates: { workflowId, ...byHand(act), ...(notUndone.length > 0 && { notUndone }) },
        approvalFrom,
        priority,
        actor,
        ...(timeZone === null ? {} : { timeZone }),
      }),
    );
  }
}
