import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import type { ApprovalThreshold } from '../../../src/domain/risk/approval-policy.js';
import { stepsToApprove } from '../../../src/domain/workflow/decisions/schedule-ready-steps.js';
import type { WorkflowEvent } from '../../../src/domain/workflow/events/workflow-events.js';
import { evolve } from '../../../src/domain/workflow/evolve.js';
import { isFinalRunState, TOOL_LACKS, type FailurePolicy } from '../../../src/domain/workflow/lifecycle.js';
import type { WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';
import { decide } from '../../../src/domain/workflow/workflow.decider.js';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { initialWorkflow, type StepRecord, type WorkflowState } from '../../../src/domain/workflow/workflow.state.js';
import {
  approve,
  BROKEN,
  cancel,
  cancelAndUndo,
  complete,
  endStopping,
  fail,
  giveUp,
  HOPELESS,
  LOST,
  offerTool,
  pause,
  recordPlan,
  refuseResult,
  reject,
  resume,
  retry,
  schedule,
  skip,
  start,
  submit,
  succeed,
  TIMED_OUT,
  tryAgain,
  waitForTool,
} from './commands.js';
import { deepFreeze } from './freeze.js';
import { contextAt, WORKFLOW_ID } from './scenario.js';

/** Which command, for which step, in which variant; all taken modulo what there is. */
export type Choice = readonly [kind: number, step: number, variant: number];

/** How a step's attempt ends and its approval is decided, where a run is driven to its end. */
export interface Fate {
  outcome(stepId: number, attempt: number): 'succeeds' | 'fails' | 'is hopeless';
  approves(stepId: number): boolean;
}

/** A run that takes any command, possible or not, keeps its history, and never lets a state be changed in place. */
export class RandomRun {
  readonly history: WorkflowEvent[] = [];
  state: WorkflowState = deepFreeze(initialWorkflow(WORKFLOW_ID));
  private clock = 0;
  /** Every approval has an id of its own. */
  private approvals = 0;

  constructor(
    private readonly steps: readonly PlannedStep[],
    approvalFrom: ApprovalThreshold,
    onFailure?: FailurePolicy,
  ) {
    this.take(submit(undefined, approvalFrom, 'Do it', onFailure));
    this.take(recordPlan(...steps));
  }

  /** A run that begins with a state: its history is what comes then. */
  static from(state: WorkflowState, steps: readonly PlannedStep[]): RandomRun {
    const run = new RandomRun(steps, 'L3');
    run.history.length = 0;
    run.state = state;
    return run;
  }

  /** Decides and applies; a refusal must be a domain error and changes nothing. */
  take(command: WorkflowCommand, random = 0): number {
    let events: readonly WorkflowEvent[] = [];
    try {
      events = decide(command, this.state, contextAt(this.clock, random));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
    for (const event of events) {
      this.history.push(deepFreeze(event));
      this.state = deepFreeze(evolve(this.state, event));
    }
    return events.length;
  }

  schedule(): number {
    return this.take(schedule(Object.fromEntries(stepsToApprove(this.state).map((id) => [id, 1_000 + this.approvals++]))));
  }

  /** One command at random: sensible, repeated, stale, too early or nonsense. */
  act([kind, at, variant]: Choice): void {
    this.clock += variant % 150;
    const stepId = (at % this.steps.length) + 1;
    const record = this.state.steps.at(stepId - 1);
    const attempt = Math.max(1, (record?.attempt ?? 1) - (variant % 5 === 0 ? 1 : 0) + (variant % 7 === 0 ? 1 : 0));
    const by = { attempt, worker: variant % 11 === 0 ? 'w2' : 'w1' };
    const approvalId = record?.approval?.approvalId ?? 1_000;
    const hash = variant % 6 === 0 ? { argsHash: 'other' } : {};
    const kinds: readonly (() => unknown)[] = [
      () => this.schedule(),
      () => this.take(schedule()),
      () => this.take(start(stepId, by)),
      () => this.take(start(stepId, by)),
      () => this.take(succeed(stepId, variant % 13 === 0 ? {} : { value: variant }, by)),
      () => this.take(succeed(stepId, { value: variant }, by)),
      () => this.take(fail(stepId, [BROKEN, HOPELESS, TIMED_OUT, BROKEN, LOST][variant % 5], by), (variant % 10) / 10),
      () => this.take(retry(stepId, attempt + 1)),
      () => this.take(approve(approvalId, { stepId, ...hash })),
      () => this.take(approve(approvalId + (variant % 2), { stepId })),
      () => this.take(reject(approvalId, { stepId, ...hash })),
      () => this.take([cancel(), giveUp(), cancelAndUndo][variant % 12] ?? recordPlan(...this.steps)),
      () => this.take(variant % 3 === 0 ? pause : resume),
      () => this.take(endStopping),
      () => this.take(refuseResult(stepId, by, { value: variant })),
      () => this.take(this.handle(stepId, variant)),
      () => this.take(variant % 2 === 0 ? waitForTool(stepId, attempt, TOOL_LACKS[variant % 3]) : offerTool(stepId, attempt)),
    ];
    kinds[kind % kinds.length]!();
  }

  /** What a person may do about a dead letter. */
  private handle(stepId: number, variant: number): WorkflowCommand {
    const { plan, args } = this.state.steps.at(stepId - 1)!;
    const { toolVersion, riskLevel, effect, timeoutMs, retry: retryPolicy } = plan;
    const tool = { toolVersion, riskLevel, effect, timeoutMs, retry: retryPolicy };
    if (variant % 5 === 0) return skip(stepId);
    if (variant % 5 === 1) return complete(stepId, { value: variant });
    return variant % 2 === 0
      ? tryAgain(stepId, undefined, tool)
      : tryAgain(stepId, { ...args, more: variant }, { ...tool, riskLevel: 'L3' });
  }

  /** Gives every command that can get the run on, in the order chosen, until none does. Answers how many rounds that took. */
  settle(fate: Fate, order: (ids: readonly number[]) => readonly number[] = (ids) => ids): void {
    const ids = this.steps.map(({ stepId }) => stepId);
    for (let progress = true; progress;) {
      this.clock += 10_000;
      this.take(resume);
      if (this.state.stopping) this.clock += 60_000;
      progress = this.take(endStopping) + this.schedule() > 0;
      for (const id of order(ids)) progress = this.advance(this.state.steps.at(id - 1)!, fate) > 0 || progress;
    }
  }

  private advance({ plan: { stepId }, state, attempt, approval, retryDueAt, lacksToolSince }: StepRecord, fate: Fate): number {
    if (state === 'READY') return this.take(lacksToolSince === null ? start(stepId, { attempt }) : offerTool(stepId, attempt));
    if (state === 'BLOCKED' && approval?.status === 'required') {
      return this.take(fate.approves(stepId) ? approve(approval.approvalId, { stepId }) : reject(approval.approvalId, { stepId }));
    }
    if (retryDueAt !== null) return this.take(retry(stepId, attempt + 1));
    if (state !== 'RUNNING') return 0;
    const by = { attempt, worker: this.state.steps.at(stepId - 1)!.worker! };
    const outcome = fate.outcome(stepId, attempt);
    return this.take(
      outcome === 'succeeds' ? succeed(stepId, { value: stepId }, by) : fail(stepId, outcome === 'fails' ? BROKEN : HOPELESS, by),
    );
  }

  get ended(): boolean {
    return this.state.state !== undefined && isFinalRunState(this.state.state);
  }
}
