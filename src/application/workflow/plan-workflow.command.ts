import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { validatePlan } from '../../domain/plan/validate-plan.js';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { PLANNER, type Planner, type PlanningRequest } from '../ports/planner.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { DEFAULT_TIME_ZONE } from './default-time-zone.js';
import { bySystem } from './cause.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/** Asks the planner for a run's plan and records the answer. */
export class PlanWorkflow extends Command<void> {
  constructor(
    readonly input: {
      readonly workflowId: number;
      readonly intent: string;
      /** ISO 8601, UTC: what "tomorrow" refers to, however late the plan is made. */
      readonly submittedAt: string;
      readonly timeZone?: string;
      readonly causedBy?: string;
    },
  ) {
    super();
  }
}

@CommandHandler(PlanWorkflow)
export class PlanWorkflowHandler implements ICommandHandler<PlanWorkflow> {
  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(PLANNER) private readonly planner: Planner,
    @Inject(TOOLS) private readonly tools: Tools,
    @Inject(DEFAULT_TIME_ZONE) private readonly defaultTimeZone: string,
  ) {}

  async execute({ input: { workflowId, intent, submittedAt, timeZone = this.defaultTimeZone, causedBy } }: PlanWorkflow): Promise<void> {
    const command = await this.answer({ intent, submittedAt, timeZone });
    await this.decisions.execute(workflowId, command, bySystem(`planner:${this.planner.name}`, causedBy));
  }

  private async answer(request: PlanningRequest): Promise<WorkflowCommand<'RecordPlan' | 'RecordPlanFailure'>> {
    const result = await this.planner.plan(request);
    if (result.kind === 'no-plan') return { type: 'RecordPlanFailure', data: { code: result.code, reason: result.reason } };
    try {
      return { type: 'RecordPlan', data: { planner: this.planner.name, steps: validatePlan(result.plan, this.tools) } };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { type: 'RecordPlanFailure', data: { code: error.code, reason: `The planner made a plan that cannot run: ${error.message}` } };
    }
  }
}
