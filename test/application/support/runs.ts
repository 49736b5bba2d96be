import { bySystem } from '../../../src/application/workflow/cause.js';
import { type Decided, type WorkflowDecisions } from '../../../src/application/workflow/workflow-decisions.js';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { plannedStep as anyPlannedStep } from '../../domain/support/planned-steps.js';
import type { WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';

export const WORKER = 'worker-1';
const TEST = bySystem('test');

/** Two attempts, for the tool `note`. */
export const plannedStep = (stepId: number, change: Partial<PlannedStep> = {}): PlannedStep =>
  anyPlannedStep(stepId, {
    tool: 'note',
    args: { text: `t${stepId}` },
    retry: { maxAttempts: 2, initialDelayMs: 500, multiplier: 2, maxDelayMs: 30_000, jitter: 0 },
    ...change,
  });

export const independentSteps = (count: number): PlannedStep[] => Array.from({ length: count }, (_, index) => plannedStep(index + 1));

/** One run as a writer sees it: its commands, in the words of the domain. */
export class RunWriter {
  constructor(
    readonly decisions: WorkflowDecisions,
    readonly workflowId: number,
  ) {}

  do<T extends WorkflowCommand['type']>(type: T, data: Extract<WorkflowCommand, { type: T }>['data']): Promise<Decided> {
    return this.decisions.execute(this.workflowId, { type, data } as WorkflowCommand, TEST);
  }

  submit(steps?: readonly PlannedStep[], intent = 'an intent'): Promise<Decided> {
    return this.do('SubmitIntent', {
      userId: 7,
      intent,
      approvalFrom: 'L3',
      timeZone: 'UTC',
      keyPrefix: `run-${this.workflowId}`,
      ...(steps ? { steps } : {}),
    });
  }

  schedule(approvalIds: ReadonlyMap<number, number> = new Map()): Promise<Decided> {
    return this.do('ScheduleReadySteps', { approvalIds });
  }

  start(stepId: number, attempt = 1, worker = WORKER): Promise<Decided> {
    return this.do('StartStep', { stepId, attempt, worker });
  }

  succeed(stepId: number, output: PlannedStep['args'] = { done: stepId }, attempt = 1, worker = WORKER): Promise<Decided> {
    return this.do('RecordStepSuccess', { stepId, attempt, worker, output });
  }

  fail(stepId: number, attempt = 1, code = 'note.unlucky', worker = WORKER): Promise<Decided> {
    return this.do('RecordStepFailure', { stepId, attempt, worker, error: { code, message: 'no luck', retryable: true, effect: 'none' } });
  }

  cancel(reason = 'no longer wanted'): Promise<Decided> {
    return this.do('CancelWorkflow', { reason });
  }
}
