import type { JsonObject } from '../../src/domain/json.js';
import type { PlanStep } from '../../src/domain/plan/plan.js';
import type { ToolManifest } from '../../src/domain/tool/tool-manifest.js';
import type { History } from './history.js';
import type { StoredEvent } from './simulated-log.js';
import type { Ready, RunHistory, Start, StepHistory } from './step-history.js';
import { TOOL_TABLE } from './tool-table.js';
import type { Report } from './violation.js';

/** What the events say that the checker looks at. */
interface Facts extends Ready {
  readonly stepId: number;
  readonly approvalId: number;
  readonly riskLevel: string;
  readonly dueAt: string;
  readonly worker: string;
  readonly idempotencyKey: string;
  readonly isEdited: boolean;
  readonly byHand?: object;
  readonly output: { readonly attempt?: number };
  readonly error: { readonly effect: string; readonly code: string };
  readonly steps: readonly (PlanStep & { readonly stepId: number; readonly toolVersion: string })[];
  readonly intent: string;
  readonly approvalFrom: string;
}

const FINAL = new Set(['WorkflowFailed', 'WorkflowCancelled', 'WorkflowCompleted']);
const DECISIONS = new Set(['ApprovalGranted', 'ApprovalRejected']);

const sourcesOf = (args: JsonObject): readonly string[] =>
  Object.values(args).flatMap((value) => {
    const from = (value as { readonly $from?: unknown } | null)?.$from;
    return typeof from === 'string' ? [from] : [];
  });

/** What a run is judged by. It may be of a simulated log or of a real one. */
export interface JudgedBy extends Pick<History, 'plans' | 'events' | 'leaseMs'> {
  /** As they really are; those of the simulation where nothing is said. */
  readonly tools?: ReadonlyMap<string, ToolManifest>;
}

/** Reads the events of one run as a stranger would, and reports what must not be. */
export function checkRun(
  workflowId: number,
  events: readonly StoredEvent[],
  { plans, events: log, leaseMs, tools = TOOL_TABLE }: JudgedBy,
  report: Report,
): RunHistory {
  const steps = new Map<number, StepHistory>();
  const stepOfKey = new Map<string, StepHistory>();
  let intent = '';
  let approvalFrom = 'L3';
  let stopped: StoredEvent | undefined;
  let end: StoredEvent | undefined;

  /** It left, or once since it began the attempt it was not heard of for as long as a lease lasts. */
  const mustHaveLostLease = ({ worker, event: { time: began } }: Start, { step, time }: StoredEvent, about: string): void => {
    const told = log.filter((one) => one.streamId.startsWith('node-') && one.step < step && one.data['worker'] === worker);
    if (told.length === 0 || told.some(({ type }) => type === 'NodeLeft')) return;
    const times = [...told.map((one) => one.time), time];
    const isLost = times.some((at, index) => at >= began && at - (times[index - 1] ?? at) >= leaseMs);
    if (!isLost)
      report(
        37,
        'living-worker',
        `${about}: ${worker} had held its lease all the time, last renewed ${time - told.at(-1)!.time} ms before`,
      );
  };

  const plan = ({ steps: planned }: Facts): void => {
    // What was asked for counts, not what was made of it on the way.
    const asked = new Map(plans.get(intent)?.steps.map((step) => [step.key, step]));
    for (const { stepId, toolVersion, ...recorded } of planned) {
      const { key, tool, args, dependsOn, riskLevel, toleratesSkips = false } = asked.get(recorded.key) ?? recorded;
      const levels = [tools.get(tool)!.riskLevel, riskLevel ?? 'L0'];
      const step: StepHistory = {
        stepId,
        key,
        tool,
        dependsOn: [...new Set([...dependsOn, ...sourcesOf(args)])],
        toleratesSkips,
        mustAsk: levels.some((level) => level >= approvalFrom),
        readies: new Map(),
        starts: new Map(),
        requests: new Map(),
        keys: new Map(),
        toolVersion,
        tries: 0,
        orders: 0,
        edits: 0,
        due: undefined,
        isInDoubt: false,
        is: 'open',
      };
      steps.set(stepId, step);
      stepOfKey.set(key, step);
    }
  };

  const ready = (step: StepHistory, facts: Facts, { shown }: StoredEvent, about: string): void => {
    const { attempt, tool, toolVersion, args, argsHash } = facts;
    for (const key of step.dependsOn) {
      const before = stepOfKey.get(key)?.is;
      if (before !== 'succeeded' && !(before === 'skipped' && step.toleratesSkips))
        report(8, 'early-dependent', `${about} before ${key} succeeded`);
    }
    if (step.readies.has(attempt)) report(15, 'double-timer', `${about}: attempt ${attempt} is made ready twice`);
    else if ([...step.readies.keys()].some((former) => former > attempt))
      report(16, 'attempts-go-back', `${about}: attempt ${attempt} after a later one`);
    if (step.due && shown < step.due.at) report(15, 'early-timer', `${about}: ${step.due.at - shown} ms too early`);
    const startAt = plans.get(intent)?.startAt;
    if (startAt !== undefined && shown < Date.parse(startAt)) report(15, 'early-start', `${about} before the run may start`);
    step.due = undefined;
    if (step.isInDoubt) report(20, 'doubtful-repeat', `${about} although what the last attempt did is not known`);
    const request = [...step.requests.values()].find((one) => !one.isFormer && one.decision === 'granted');
    if (step.mustAsk) {
      if (!request) report(21, 'not-approved', `${about} without an approval that counts`);
      else if (request.argsHash !== argsHash || request.toolVersion !== toolVersion)
        report(22, 'approved-otherwise', `${about} over something else than was approved`);
    }
    if (tool !== step.tool || toolVersion !== step.toolVersion) report(34, 'other-tool', `${about} at ${tool} ${toolVersion}`);
    step.readies.set(attempt, { attempt, tool, toolVersion, args, argsHash, request });
    step.is = 'open';
  };

  const start = (step: StepHistory, { attempt, worker, idempotencyKey: key }: Facts, event: StoredEvent, about: string): void => {
    if (step.starts.has(attempt)) report(16, 'double-start', `${about}: attempt ${attempt} is started twice`);
    if (!step.readies.has(attempt)) report(16, 'start-unready', `${about}: attempt ${attempt} was not ready`);
    if (step.is !== 'open') report(11, 'start-of-settled', `${about} which is ${step.is}`);
    step.tries += 1;
    if (step.tries > tools.get(step.tool)!.retry.maxAttempts) report(14, 'too-many-attempts', `${about} for the ${step.tries}th time`);
    const former = step.keys.get(step.edits);
    if (former !== undefined && former !== key) report(33, 'other-key', `${about} with another key than before`);
    step.keys.set(step.edits, key);
    step.starts.set(attempt, { event, worker, key, ready: step.readies.get(attempt), outcome: undefined });
  };

  const outcome = (step: StepHistory, { attempt, output, error }: Facts, event: StoredEvent, about: string): void => {
    const begun = step.starts.get(attempt);
    if (!begun) return report(10, 'outcome-without-start', `${about}: attempt ${attempt} was not started`);
    if (begun.outcome) return report(10, 'second-outcome', `${about}: attempt ${attempt} has an outcome already`);
    begun.outcome = event;
    const by = event.metadata.actor!.id;
    // Timers end what does not end by itself; whoever finds an attempt interrupted says so, once its worker has lost its lease.
    const isLost = event.type === 'StepFailed' && error.code === 'attempt.interrupted';
    if (isLost) step.tries -= 1;
    if (by !== begun.worker && isLost) mustHaveLostLease(begun, event, about);
    else if (by !== begun.worker && !(event.type === 'StepFailed' && by === 'timers'))
      report(16, 'foreign-outcome', `${about} by ${by}, while ${begun.worker} ran it`);
    if (event.type === 'StepSucceeded') {
      if (output.attempt !== attempt) report(16, 'stale-outcome', `${about} with the output of attempt ${output.attempt}`);
      step.is = 'succeeded';
    } else if (tools.get(step.tool)!.effect === 'non-idempotent' && error.effect !== 'none') step.isInDoubt = true;
  };

  const decided = (step: StepHistory, { approvalId, argsHash }: Facts, { type }: StoredEvent, about: string): void => {
    const request = step.requests.get(approvalId);
    if (!request) return report(23, 'decision-without-request', `${about}: nobody asked for approval ${approvalId}`);
    if (request.decision) report(23, 'second-decision', `${about}: approval ${approvalId} was decided before`);
    if (stopped || request.isFormer) report(25, 'void-decision', `${about}: approval ${approvalId} is void`);
    if (type === 'ApprovalGranted' && argsHash !== request.argsHash) report(21, 'granted-otherwise', `${about} over other arguments`);
    request.decision ??= type === 'ApprovalGranted' ? 'granted' : 'rejected';
  };

  const follow = (step: StepHistory, facts: Facts, event: StoredEvent, about: string): void => {
    const { attempt, argsHash, toolVersion, args, approvalId, riskLevel, byHand } = facts;
    if (event.type === 'StepReady') ready(step, facts, event, about);
    else if (event.type === 'StepStarted') start(step, facts, event, about);
    else if (event.type === 'StepSucceeded' && byHand) {
      if (step.is !== 'dead-letter' && step.is !== 'waits-for-tool')
        report(10, 'by-hand-unasked', `${about} by hand although it is ${step.is}`);
      step.is = 'succeeded';
    } else if (event.type === 'StepSucceeded' || event.type === 'StepFailed') outcome(step, facts, event, about);
    else if (event.type === 'StepRetryScheduled') {
      if (step.isInDoubt) report(20, 'doubtful-retry', `${about} although what the attempt did is not known`);
      step.due = { attempt, at: Date.parse(facts.dueAt) };
    } else if (event.type === 'StepWaitsForTool') step.is = 'waits-for-tool';
    else if (event.type === 'StepDeadLettered') step.is = 'dead-letter';
    else if (event.type === 'StepSkipped') {
      if (step.is === 'succeeded' || step.is === 'skipped') report(10, 'skip-of-settled', `${about} although it has ${step.is}`);
      step.is = 'skipped';
    } else if (event.type === 'ApprovalRequested') {
      if (riskLevel < tools.get(step.tool)!.riskLevel) report(26, 'lower-risk', `${about} with risk ${riskLevel}`);
      step.requests.set(approvalId, { approvalId, argsHash, toolVersion, args, decision: undefined, isFormer: false });
    } else if (DECISIONS.has(event.type)) decided(step, facts, event, about);
    else if (event.type === 'StepRetryRequested') {
      for (const request of step.requests.values()) request.isFormer = true;
      Object.assign(step, { tries: 0, isInDoubt: false, is: 'open', toolVersion, due: undefined });
      step.orders += 1;
      if (facts.isEdited) step.edits += 1;
    }
  };

  for (const event of events) {
    const facts = event.data as unknown as Facts;
    const about = `${event.type} of step ${facts.stepId} of run ${workflowId}`;
    // What a worker says that comes too late changes nothing.
    if (end && event.type !== 'StepResultRefused') report(11, 'after-the-end', `${about} after ${end.type}`);
    if (stopped && (event.type === 'StepReady' || event.type === 'StepStarted'))
      report(11, 'start-after-stop', `${about} after ${stopped.type}`);
    if (event.type === 'WorkflowSubmitted') ({ intent, approvalFrom } = facts);
    else if (event.type === 'WorkflowPlanned') plan(facts);
    const step = steps.get(facts.stepId);
    if (step) follow(step, facts, event, about);
    if (FINAL.has(event.type)) end = event;
    if (event.type === 'WorkflowStopping' || FINAL.has(event.type)) stopped ??= event;
  }
  return { workflowId, intent, steps, stopped };
}
