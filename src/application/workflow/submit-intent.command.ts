import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Json } from '../../domain/json.js';
import type { Plan } from '../../domain/plan/plan.js';
import { validatePlan } from '../../domain/plan/validate-plan.js';
import { stricterThreshold, type ApprovalThreshold } from '../../domain/risk/approval-policy.js';
import { checkIntent } from '../../domain/workflow/decisions/submit-intent.js';
import type { Reused } from '../../domain/workflow/decisions/plan-parts.js';
import type { Compensated, OfOccurrence } from '../../domain/workflow/events/workflow-events.js';
import type { FailurePolicy, Priority, RunState } from '../../domain/workflow/lifecycle.js';
import { Sequences } from '../ids/sequences.js';
import type { Actor } from '../ports/event-log.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { DEFAULT_TIME_ZONE } from './default-time-zone.js';
import { SubmissionClaims } from './submission-claims.js';
import { WorkflowDecisions } from './workflow-decisions.js';

export interface Submission {
  readonly userId: number;
  /** What is wanted, in words; 1 to 2,000 characters. May be absent where a plan is given. */
  readonly intent?: string;
  readonly plan?: Plan;
  /** Tightens the configured approval threshold, never loosens it. */
  readonly approvalFrom?: ApprovalThreshold;
  /** Where the person is, an IANA name: what "this week" refers to. The configured one where it is absent. */
  readonly timeZone?: string;
  /** What the run does about a step that fails for good: `wait` where it is absent. */
  readonly onFailure?: FailurePolicy;
  /** Whose steps come first where several wait for the same place: `normal` where it is absent. */
  readonly priority?: Priority;
  /** The run that is run again, and what of it is taken over. */
  readonly rerun?: Reused;
  /** The run whose effects this one undoes: it stands for it as an idempotency key does. */
  readonly compensates?: Compensated;
  /** The schedule that submits it. One with an occurrence stands for it as an idempotency key does. */
  readonly schedule?: OfOccurrence;
  /** Nothing starts before, ISO 8601 with an offset. */
  readonly startAt?: string;
  /** A run that is not finished by then fails, ISO 8601 with an offset. */
  readonly deadline?: string;
  /** A repeat with the same key (per user) answers with the first run. */
  readonly idempotencyKey?: string;
  readonly actor: Actor;
}

export interface SubmittedRun {
  readonly workflowId: number;
  readonly state: RunState;
  readonly intent: string;
  /** Log position at which the submission is recorded. */
  readonly position: bigint;
}

/** @throws DomainError intent.*, plan.*; ApplicationError idempotency-key.reused; OccurrenceIsSkipped */
export class SubmitIntent extends Command<SubmittedRun> {
  constructor(readonly submission: Submission) {
    super();
  }
}

/** From which risk level steps wait for approval where a submission does not say: configuration. */
export const DEFAULT_APPROVAL_THRESHOLD = Symbol('DefaultApprovalThreshold');

/** The intent that is stated, or one for a plan that comes without. */
export const intentOf = (intent: string | undefined, steps: readonly unknown[] | undefined): string =>
  intent ?? (steps ? `Run a plan of ${steps.length} step${steps.length === 1 ? '' : 's'}` : '');

/** What a submission says of how its run goes, as far as it does. */
const optionsOf = ({ onFailure, priority, startAt, deadline }: Submission) => ({
  ...(onFailure === undefined ? {} : { onFailure }),
  ...(priority === undefined ? {} : { priority }),
  ...(startAt === undefined ? {} : { startAt }),
  ...(deadline === undefined ? {} : { deadline }),
});

@CommandHandler(SubmitIntent)
export class SubmitIntentHandler implements ICommandHandler<SubmitIntent> {
  constructor(
    private readonly decisions: WorkflowDecisions,
    private readonly sequences: Sequences,
    private readonly claims: SubmissionClaims,
    @Inject(TOOLS) private readonly tools: Tools,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    @Inject(DEFAULT_APPROVAL_THRESHOLD) private readonly defaultThreshold: ApprovalThreshold,
    @Inject(DEFAULT_TIME_ZONE) private readonly defaultTimeZone: string,
  ) {}

  async execute({ submission }: SubmitIntent): Promise<SubmittedRun> {
    const { userId, plan, actor, rerun, schedule, compensates, timeZone = this.defaultTimeZone } = submission;
    // Everything that can be refused is refused before an id is taken: bad input writes nothing.
    const steps = plan && validatePlan(plan, this.tools);
    const intent = checkIntent(intentOf(submission.intent, steps));
    const approvalFrom = stricterThreshold(submission.approvalFrom ?? 'L3', this.defaultThreshold);
    const workflowId = await this.idFor(submission, intent);
    const command = {
      type: 'SubmitIntent',
      data: {
        userId,
        intent,
        keyPrefix: randomUUID(),
        approvalFrom,
        timeZone,
        ...(steps ? { steps } : {}),
        ...optionsOf(submission),
        ...(rerun === undefined ? {} : { rerun }),
        ...(schedule === undefined ? {} : { schedule }),
        ...(compensates === undefined ? {} : { compensates }),
      },
    } as const;
    const { state, position } = await this.decisions.execute(workflowId, command, { actor });
    return { workflowId, state: state.state!, intent: state.intent, position };
  }

  private idFor(submission: Submission, intent: string): Promise<number> {
    const { userId, plan, approvalFrom, timeZone, rerun, schedule, compensates, idempotencyKey } = submission;
    if (schedule?.scheduledFor !== undefined)
      return this.claims.runOf({ scheduleId: schedule.scheduleId, scheduledFor: schedule.scheduledFor });
    if (compensates !== undefined) return this.claims.compensationOf(compensates.workflowId);
    if (idempotencyKey === undefined) return this.sequences.next('workflow');
    // A repeat of a request from before there were these members has the same fingerprint as then.
    const zone = {
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(rerun === undefined ? {} : { rerun: { of: rerun.of, stepIds: rerun.outputs.map(({ stepId }) => stepId) } }),
      ...(schedule === undefined ? {} : { schedule: schedule.scheduleId }),
      ...optionsOf(submission),
    };
    const request = this.fingerprint({ intent, plan: (plan ?? null) as unknown as Json, approvalFrom: approvalFrom ?? null, ...zone });
    return this.claims.claim(userId, idempotencyKey, request);
  }
}
