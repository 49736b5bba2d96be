import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Plan, PlannedStep } from '../../domain/plan/plan.js';
import { rejectionSkips, type RejectionSkips } from '../../domain/plan/rejection-skips.js';
import { validatePlan } from '../../domain/plan/validate-plan.js';
import { approvalRule, needsApproval, stricterThreshold, type ApprovalThreshold } from '../../domain/risk/approval-policy.js';
import { isIrreversible } from '../../domain/tool/undo.js';
import { checkIntent } from '../../domain/workflow/decisions/submit-intent.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { PlanningRefused } from '../application.errors.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { PLANNER, type Planner } from '../ports/planner.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { DEFAULT_TIME_ZONE } from '../workflow/default-time-zone.js';
import { planIntent } from '../workflow/plan-intent.js';
import { DEFAULT_APPROVAL_THRESHOLD, intentOf, type Submission } from '../workflow/submit-intent.command.js';

/** Characters of the keys that an answer lists of what rejections skip: long keys are listed for as many steps as that allows, and counted for all. */
const MAX_LISTED_KEYS_LENGTH = 8 * 1024 * 1024;

export interface SimulatedStep {
  readonly step: PlannedStep;
  readonly verdict: 'auto' | 'approval';
  /** In words, which rule decided that. */
  readonly rule: string;
  readonly irreversible: boolean;
  readonly rejectionSkips: RejectionSkips;
}

export interface SimulatedPlan {
  readonly steps: readonly SimulatedStep[];
  /** Who made the plan: as the run's own record would say. */
  readonly planner: string;
}

/**
 * What a submission would lead to, as far as that can be known before it runs. Writes nothing.
 * @throws DomainError intent.*, plan.*; PlanningRefused
 */
export class SimulatePlan extends Query<SimulatedPlan> {
  constructor(readonly submission: Pick<Submission, 'intent' | 'plan' | 'approvalFrom' | 'timeZone'>) {
    super();
  }
}

/** The same with lists cut where their keys together are too long for one answer. */
function withinLength(all: readonly RejectionSkips[]): readonly RejectionSkips[] {
  let left = MAX_LISTED_KEYS_LENGTH;
  return all.map(({ steps, count }) => {
    const listed = steps.filter(({ key }) => (left -= key.length) >= 0);
    return { steps: listed, count };
  });
}

const NOTHING_SKIPPED: RejectionSkips = { steps: [], count: 0 };

/** Steps whose rejection is followed through the plan in one turn of the event loop. */
const STEPS_IN_A_TURN = 320;

@QueryHandler(SimulatePlan)
export class SimulatePlanHandler implements IQueryHandler<SimulatePlan> {
  constructor(
    @Inject(PLANNER) private readonly planner: Planner,
    @Inject(TOOLS) private readonly tools: Tools,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DEFAULT_APPROVAL_THRESHOLD) private readonly defaultThreshold: ApprovalThreshold,
    @Inject(DEFAULT_TIME_ZONE) private readonly defaultTimeZone: string,
  ) {}

  async execute({ submission }: SimulatePlan): Promise<SimulatedPlan> {
    const { intent, plan, approvalFrom: asked = 'L3', timeZone = this.defaultTimeZone } = submission;
    const approvalFrom = stricterThreshold(asked, this.defaultThreshold);
    const steps = plan ? this.given(plan, intent) : await this.planned(checkIntent(intentOf(intent, undefined)), timeZone);
    const skips = await this.skipsOf(steps, approvalFrom);
    return {
      planner: plan ? 'given' : this.planner.name,
      steps: steps.map((step) => ({
        step,
        verdict: needsApproval(step.riskLevel, approvalFrom) ? 'approval' : 'auto',
        rule: approvalRule(step.riskLevel, approvalFrom, this.defaultThreshold),
        irreversible: isIrreversible(step),
        rejectionSkips: skips.get(step.stepId) ?? NOTHING_SKIPPED,
      })),
    };
  }

  /** Of the steps that a person could reject. Of a large plan this takes a while, in which others are to be served. */
  private async skipsOf(steps: readonly PlannedStep[], approvalFrom: ApprovalThreshold): Promise<ReadonlyMap<number, RejectionSkips>> {
    const ids = steps.filter(({ riskLevel }) => needsApproval(riskLevel, approvalFrom)).map(({ stepId }) => stepId);
    const found: RejectionSkips[] = [];
    for (let first = 0; first < ids.length; first += STEPS_IN_A_TURN) {
      if (first > 0) await new Promise((resolve) => setImmediate(resolve));
      found.push(...rejectionSkips(steps, ids.slice(first, first + STEPS_IN_A_TURN)));
    }
    const listed = withinLength(found);
    return new Map(ids.map((stepId, index) => [stepId, listed[index]!]));
  }

  private given(plan: Plan, intent: string | undefined): readonly PlannedStep[] {
    const steps = validatePlan(plan, this.tools);
    checkIntent(intentOf(intent, steps));
    return steps;
  }

  private async planned(intent: string, timeZone: string): Promise<readonly PlannedStep[]> {
    const submittedAt = new Date(this.clock.now()).toISOString();
    const planned = await planIntent(this.planner, this.tools, { intent, timeZone, submittedAt });
    if (planned.kind === 'no-plan') throw new PlanningRefused(planned.code, planned.reason);
    if (planned.kind === 'invalid-plan') throw new DomainError(planned.code, planned.reason);
    return planned.steps;
  }
}
