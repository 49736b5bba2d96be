import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { PLANNER, type Planner, type PlanningRequest } from '../ports/planner.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { DEFAULT_TIME_ZONE } from './default-time-zone.js';
import { bySystem } from './cause.js';
import { planIntent } from './plan-intent.js';
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
    const planned = await planIntent(this.planner, this.tools, request);
    return planned.kind === 'planned'
      ? { type: 'RecordPlan', data: { planner: this.planner.name, steps: planned.steps } }
      : { type: 'RecordPlanFailure', data: { code: planned.code, reason: planned.reason } };
  }
}
