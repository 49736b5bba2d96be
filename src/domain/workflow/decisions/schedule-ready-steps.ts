import { resolveArguments, type Resolution } from '../../plan/data-flow.js';
import { approvalReason, needsApproval } from '../../risk/approval-policy.js';
import { isFinalEventType, type WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { stepOf, stepOfKey, type StepRecord, type WorkflowState } from '../workflow.state.js';
import { withEnd } from './run-end.js';
import { mustExist } from './refusals.js';
import { failedForGood } from './step-failure.js';

/** Steps looked at in one decision, and characters of arguments in its events: one append holds them. */
const BATCH_STEPS = 250;
const BATCH_LENGTH = 128 * 1024;
/** Longest JSON text of resolved arguments, in characters: twice in one append (step and approval), in UTF-8, within 1 MiB. */
const MAX_RESOLVED_LENGTH = 150 * 1024;

const skippedDependency = (step: StepRecord, state: WorkflowState): StepRecord | undefined =>
  step.plan.toleratesSkips
    ? undefined
    : step.plan.dependsOn.map((key) => stepOfKey(state, key)).find((dependency) => dependency?.state === 'SKIPPED');

const mustAsk = (step: StepRecord, state: WorkflowState): boolean =>
  state.fork === null && step.approval === null && needsApproval(step.plan.riskLevel, state.approvalFrom);

/** A shadow run asks nobody: it says from the beginning what becomes of what would wait. */
const isRejectedInFork = ({ plan: { key, riskLevel } }: StepRecord, { fork, approvalFrom }: WorkflowState): boolean =>
  fork !== null && needsApproval(riskLevel, approvalFrom) && fork.decisions[key] === 'reject';

/** Ids of the steps for which the next decision will request an approval: each needs an approval id. */
export function stepsToApprove(state: WorkflowState): readonly number[] {
  if (state.state !== 'RUNNING' || state.startsLater) return [];
  const found: number[] = [];
  let looked = 0;
  for (const stepId of state.queue) {
    if (looked++ === BATCH_STEPS) break;
    const step = stepOf(state, stepId)!;
    if (mustAsk(step, state) && !skippedDependency(step, state)) found.push(stepId);
  }
  return found;
}

function resolved(step: StepRecord, state: WorkflowState): Resolution {
  if (step.args) return { kind: 'resolved', args: step.args };
  return resolveArguments(step.plan.args, (key) => {
    const source = stepOfKey(state, key);
    return source?.state === 'SUCCEEDED' ? source.output : undefined;
  });
}

/** The step fails without having been tried. */
const impossible = (step: StepRecord, state: WorkflowState, now: string, code: string, message: string): readonly WorkflowEvent[] =>
  failedForGood(step, { code, message, retryable: false, effect: 'none' }, 0, [], state, now);

/** What becomes of one queued step; undefined where an approval id is missing. */
function scheduleStep(
  step: StepRecord,
  state: WorkflowState,
  approvalId: number | undefined,
  context: DecisionContext,
): readonly WorkflowEvent[] | undefined {
  const { workflowId } = state;
  const { stepId, name, tool, toolVersion, riskLevel } = step.plan;
  const at = context.now;
  const skipped = skippedDependency(step, state);
  if (skipped)
    return [
      {
        type: 'StepSkipped',
        data: { workflowId, at, stepId, name, cause: 'dependency', reason: `It depends on "${skipped.plan.name}", which was skipped.` },
      },
    ];
  if (isRejectedInFork(step, state))
    return [
      { type: 'StepSkipped', data: { workflowId, at, stepId, name, cause: 'rejected', reason: 'Its approval is rejected in this copy.' } },
    ];
  const resolution = resolved(step, state);
  if (resolution.kind === 'unresolvable') {
    const message = `The arguments cannot be completed: ${resolution.reason}.`;
    return impossible(step, state, at, 'args.unresolvable', message);
  }
  const { args } = resolution;
  const length = JSON.stringify(args).length;
  if (length > MAX_RESOLVED_LENGTH) {
    const message = `The completed arguments are ${length} characters long; at most ${MAX_RESOLVED_LENGTH} are possible.`;
    return impossible(step, state, at, 'args.too-large', message);
  }
  const argsHash = step.argsHash ?? context.fingerprint(args);
  if (!mustAsk(step, state))
    return [{ type: 'StepReady', data: { workflowId, at, stepId, name, attempt: step.attempt + 1, tool, toolVersion, args, argsHash } }];
  if (approvalId === undefined) return undefined;
  const reason = approvalReason(name, riskLevel);
  return [
    { type: 'StepBlocked', data: { workflowId, at, stepId, name, reason } },
    { type: 'ApprovalRequested', data: { workflowId, at, stepId, name, approvalId, tool, toolVersion, riskLevel, reason, args, argsHash } },
  ];
}

export function scheduleReadySteps(
  data: WorkflowCommandData['ScheduleReadySteps'],
  state: WorkflowState,
  context: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  if (state.state !== 'RUNNING' || state.startsLater) return [];
  const events: WorkflowEvent[] = [];
  let looked = 0;
  let length = 0;
  for (const stepId of state.queue) {
    if (looked++ === BATCH_STEPS) break;
    const decided = scheduleStep(stepOf(state, stepId)!, state, data.approvalIds.get(stepId), context);
    if (!decided) continue;
    const own = JSON.stringify(decided).length;
    if (events.length > 0 && length + own > BATCH_LENGTH) break;
    events.push(...decided);
    length += own;
    // A step that cannot be tried has ended the run, or has begun to.
    if (decided.some(({ type }) => type === 'WorkflowStopping' || isFinalEventType(type))) return events;
  }
  return withEnd(events, state, context.now);
}
