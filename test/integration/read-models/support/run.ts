import type { Json } from '../../../../src/domain/json.js';
import type { RecordedEvent } from '../../../../src/application/ports/event-log.js';
import { newEventOf, workflowStream } from '../../../../src/application/workflow/workflow-codec.js';
import type { PlannedStep } from '../../../../src/domain/plan/plan.js';
import { stepsToApprove } from '../../../../src/domain/workflow/decisions/schedule-ready-steps.js';
import type { WorkflowEvent } from '../../../../src/domain/workflow/events/workflow-events.js';
import { evolveAll } from '../../../../src/domain/workflow/evolve.js';
import type { ApprovalVerdict, FailurePolicy, Priority, ToolLack } from '../../../../src/domain/workflow/lifecycle.js';
import type { WorkflowCommand } from '../../../../src/domain/workflow/workflow.commands.js';
import { decide } from '../../../../src/domain/workflow/workflow.decider.js';
import { initialWorkflow, type WorkflowState } from '../../../../src/domain/workflow/workflow.state.js';
import { plannedStep as anyPlannedStep } from '../../../domain/support/planned-steps.js';
import { sha256Fingerprint } from '../../../../src/infrastructure/system/sha256-fingerprint.js';

export const WORKER = 'worker-1';
export const START = Date.parse('2026-01-05T08:00:00.000Z');

/** Two attempts, for the tool `job_search`. */
export const plannedStep = (stepId: number, change: Partial<PlannedStep> = {}): PlannedStep =>
  anyPlannedStep(stepId, {
    tool: 'job_search',
    toolVersion: '1.2.3',
    args: { query: `q${stepId}` },
    retry: { maxAttempts: 2, initialDelayMs: 500, multiplier: 2, maxDelayMs: 30_000, jitter: 0 },
    ...change,
  });

/** A run whose events the decider makes. Time goes on by a second with each command. */
export class Run {
  readonly events: WorkflowEvent[] = [];
  state: WorkflowState;
  private nextApproval: number;

  constructor(
    readonly workflowId: number,
    private now = START,
  ) {
    this.state = initialWorkflow(workflowId);
    this.nextApproval = workflowId * 1_000;
  }

  do<T extends WorkflowCommand['type']>(type: T, data: Extract<WorkflowCommand, { type: T }>['data']): this {
    this.now += 1_000;
    const context = { now: new Date(this.now).toISOString(), random: () => 0, fingerprint: sha256Fingerprint };
    return this.record(decide({ type, data } as WorkflowCommand, this.state, context));
  }

  /** Events as they are, without a decision. */
  record(events: readonly WorkflowEvent[]): this {
    this.events.push(...events);
    this.state = evolveAll(this.state, events);
    return this;
  }

  submit(
    intent = 'find a job',
    userId = 7,
    onFailure?: FailurePolicy,
    more: { readonly startAt?: string; readonly deadline?: string; readonly priority?: Priority } = {},
  ): this {
    return this.do('SubmitIntent', {
      userId,
      intent,
      approvalFrom: 'L3',
      timeZone: 'UTC',
      keyPrefix: 'run',
      ...(onFailure && { onFailure }),
      ...more,
    });
  }

  /** A run of another one's plan, that takes over the outputs of some of its steps. */
  rerun(of: number, steps: readonly PlannedStep[], reused: readonly number[]): this {
    const outputs = reused.map((stepId) => ({ stepId, output: { from: of } }));
    const data = { userId: 7, intent: 'again', approvalFrom: 'L3', timeZone: 'UTC', keyPrefix: 'run' } as const;
    return this.do('SubmitIntent', { ...data, steps, rerun: { of, outputs } }).schedule();
  }

  /** Plans, and schedules what can be scheduled. */
  plan(...steps: readonly PlannedStep[]): this {
    return this.do('RecordPlan', { planner: 'test', steps }).schedule();
  }

  schedule(): this {
    for (;;) {
      const before = this.events.length;
      const approvalIds = new Map(stepsToApprove(this.state).map((stepId) => [stepId, this.nextApproval++]));
      this.do('ScheduleReadySteps', { approvalIds });
      if (this.events.length === before) return this;
    }
  }

  start(stepId: number, attempt = 1): this {
    return this.do('StartStep', { stepId, attempt, worker: WORKER });
  }

  succeed(stepId: number, output: PlannedStep['args'] = { found: stepId }, attempt = 1): this {
    return this.start(stepId, attempt).do('RecordStepSuccess', { stepId, attempt, worker: WORKER, output }).schedule();
  }

  fail(stepId: number, attempt = 1, retryable = true, message = 'no luck', code = 'job_search.unlucky'): this {
    const error = { code, message, retryable, effect: 'none' } as const;
    return this.start(stepId, attempt).do('RecordStepFailure', { stepId, attempt, worker: WORKER, error });
  }

  /** Waits for the time of the retry. */
  waitForTool(stepId: number, attempt = 1, because: ToolLack = 'absent'): this {
    return this.do('WaitForTool', { stepId, attempt, because });
  }

  offerTool(stepId: number, attempt = 1): this {
    return this.do('OfferTool', { stepId, attempt });
  }

  park(handler: string, revision: number, reason = 'a defect'): this {
    const { type: eventType, data } = this.events[revision]!;
    const step = 'stepId' in data ? { stepId: data.stepId } : {};
    return this.do('ParkEvent', { handler, revision, eventType, ...step, tries: 40, reason });
  }

  settleParked(outcome: 'replayed' | 'dropped'): this {
    const { handler, revision } = this.state.parked[0]!;
    return this.do('SettleParkedEvent', { handler, revision, outcome, decidedBy: 7 });
  }

  refuseResult(stepId: number, attempt: number, output: Json = { late: true }): this {
    return this.do('RefuseStepResult', { stepId, attempt, worker: 'w1', result: { output } });
  }

  retry(stepId: number, attempt = 2): this {
    this.now += 60_000;
    return this.do('RetryStep', { stepId, attempt });
  }

  approvalOf(stepId: number): number {
    return [...this.state.steps][stepId - 1]!.approval!.approvalId;
  }

  remind(stepId: number): this {
    const { approvalId, reminders } = [...this.state.steps][stepId - 1]!.approval!;
    return this.do('RemindApproval', { stepId, approvalId, reminder: reminders + 1 });
  }

  approve(stepId: number, reason?: string): this {
    return this.decide('approve', stepId, reason).schedule();
  }

  reject(stepId: number, reason?: string): this {
    return this.decide('reject', stepId, reason).schedule();
  }

  cancel(reason = 'no longer wanted', compensate = false): this {
    return this.do('CancelWorkflow', { reason, cancelledBy: 7, ...(compensate && { compensate }) });
  }

  giveUp(reason = 'no way on'): this {
    return this.do('GiveUpWorkflow', { reason, decidedBy: 7 });
  }

  pause(reason?: string): this {
    return this.do('PauseWorkflow', { decidedBy: 7, ...(reason === undefined ? {} : { reason }) });
  }

  resume(): this {
    return this.do('ResumeWorkflow', {}).schedule();
  }

  reachStartTime(): this {
    this.now += 600_000;
    return this.do('ReachStartTime', {}).schedule();
  }

  missDeadline(): this {
    this.now += 86_400_000;
    return this.do('MissDeadline', {});
  }

  /** The time of attempts in flight is up. */
  endStopping(): this {
    this.now += 60_000;
    return this.do('EndStopping', {});
  }

  tryAgain(stepId: number, args?: PlannedStep['args']): this {
    const { toolVersion, riskLevel, effect, timeoutMs, retry } = plannedStep(stepId);
    const tool = { toolVersion, riskLevel, effect, timeoutMs, retry };
    return this.do('RetryDeadLetter', { stepId, tool, decidedBy: 7, ...(args && { args }) }).schedule();
  }

  skip(stepId: number, reason?: string): this {
    return this.do('SkipDeadLetter', { stepId, ...(reason === undefined ? {} : { reason }) }).schedule();
  }

  complete(stepId: number, output: PlannedStep['args'] = { by: 'hand' }): this {
    return this.do('CompleteDeadLetter', { stepId, output, decidedBy: 7 }).schedule();
  }

  private decide(verdict: ApprovalVerdict, stepId: number, reason: string | undefined): this {
    const why = reason === undefined ? {} : { reason };
    return this.do('DecideApproval', { approvalId: this.approvalOf(stepId), stepId, verdict, decidedBy: 10, ...why });
  }
}

const METADATA = {
  $correlationId: 'run',
  commandId: 'command',
  actor: { kind: 'system', id: 'test', authenticated: false },
  schemaVersion: 1,
} as const;

/** One log of several runs' events. `pick` says whose event is next (an index into those that are left); positions have holes, as in a real log. */
export function logOf(runs: readonly Run[], pick: (left: number) => number = () => 0): RecordedEvent[] {
  const left = runs.map((run) => ({ run, next: 0 }));
  const log: RecordedEvent[] = [];
  for (;;) {
    const open = left.filter(({ run, next }) => next < run.events.length);
    if (open.length === 0) return log;
    const entry = open[pick(open.length)]!;
    const revision = entry.next++;
    const event = entry.run.events[revision]!;
    const { type, data } = newEventOf(event, '', METADATA);
    const position = BigInt(100 + log.length * 7);
    const { workflowId } = entry.run;
    log.push({ id: `${workflowId}/${revision}`, streamId: workflowStream(workflowId), revision, position, type, data, metadata: METADATA });
  }
}
