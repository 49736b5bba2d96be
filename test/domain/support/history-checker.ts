import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { MOST_INTERRUPTIONS } from '../../../src/domain/workflow/decisions/record-step-outcome.js';
import { INTERRUPTED_CODE } from '../../../src/domain/workflow/lifecycle.js';
import { isAtEnd, isFinalEventType, type StepReady, type WorkflowEvent } from '../../../src/domain/workflow/events/workflow-events.js';
import { RISK_LEVELS } from '../../../src/domain/risk/risk-level.js';
import { printOf } from './scenario.js';

interface Seen {
  readonly ready: Map<number, StepReady>;
  readonly live: Map<number, number>;
  readonly attempts: Map<number, number>;
  readonly dueAt: Map<number, string>;
  readonly outputs: Map<string, Json>;
  readonly granted: Map<number, string>;
  readonly asked: Map<number, number>;
  readonly decided: Set<number>;
  readonly rejected: Set<number>;
  /** Steps that failed, with how often they were tried since a person last asked for it. */
  readonly tries: Map<number, number>;
  /** Attempts whose worker was lost, which are no tries. */
  readonly lost: Map<number, number>;
  readonly failed: Set<number>;
  /** Arguments that a person asked for in place of the plan's. */
  readonly edited: Map<number, string>;
  /** Steps that a person had tried again, with the risk that they have since. */
  readonly raised: Map<number, PlannedStep>;
  paused: boolean;
  stopping: boolean;
  readonly skipped: Set<string>;
  readonly deadLettered: Set<number>;
  /** Steps that were ready, and for which no node could call their tool. */
  readonly waiting: Set<number>;
  ended: boolean;
}

/** The arguments as `randomPlan` writes them, completed by hand. */
const completed = (args: JsonObject, outputs: ReadonlyMap<string, Json>): Json => ({
  list: (args['list'] as unknown as readonly { value: { $from: string } }[]).map(({ value }) => ({
    value: (outputs.get(value.$from) as JsonObject)['value']!,
  })),
});

/**
 * Reads a run's events with nothing but the plan at hand, apart from the engine's own state, and throws at the first that breaks an invariant of
 * the workflow (numbers as in the sentences).
 */
export function checkHistory(
  steps: readonly PlannedStep[],
  mustBeApproved: (step: PlannedStep) => boolean,
  events: readonly WorkflowEvent[],
) {
  const seen: Seen = {
    ready: new Map(),
    live: new Map(),
    attempts: new Map(),
    dueAt: new Map(),
    outputs: new Map(),
    granted: new Map(),
    asked: new Map(),
    decided: new Set(),
    rejected: new Set(),
    tries: new Map(),
    lost: new Map(),
    failed: new Set(),
    edited: new Map(),
    raised: new Map(),
    paused: false,
    stopping: false,
    skipped: new Set(),
    deadLettered: new Set(),
    waiting: new Set(),
    ended: false,
  };
  const must = (holds: boolean, invariant: string, event: WorkflowEvent): void => {
    if (!holds) throw new Error(`${invariant}: ${JSON.stringify(event)}`);
  };
  const step = (stepId: number): PlannedStep => seen.raised.get(stepId) ?? steps[stepId - 1]!;
  for (const event of events) {
    must(!seen.ended || isAtEnd(event), 'invariant 11: nothing after the final event, but what a worker says that came too late', event);
    must(!seen.ended || !isFinalEventType(event.type), 'invariant 11: one final event', event);
    seen.ended ||= isFinalEventType(event.type);
    checkEvent(event, seen, step, mustBeApproved, must);
    if (seen.ended) must(seen.live.size === 0, 'no attempt outlives its run', event);
    if (event.type === 'WorkflowCompleted') {
      must(seen.outputs.size + seen.skipped.size === steps.length, 'completed with every step succeeded or skipped', event);
    }
  }
  // Blocked, requested, decided, skipped or put aside; ready, started, failed, retried for each attempt; submitted, planned, stopped, ended. A person who has a step
  // tried again begins it anew, and a pause takes back and schedules what a step was about to do.
  const rounds = 1 + events.filter(({ type }) => type === 'StepRetryRequested').length;
  const pauses = events.filter(({ type }) => type === 'WorkflowPaused').length;
  const waits = events.filter(({ type }) => type === 'StepWaitsForTool').length;
  const refused = events.filter(({ type }) => type === 'StepResultRefused').length;
  const most =
    2 * waits +
    refused +
    4 +
    rounds * steps.reduce((sum, { retry }) => sum + 6 + 4 * (retry.maxAttempts + MOST_INTERRUPTIONS), 0) +
    pauses * (2 + 2 * steps.length);
  if (events.length > most) throw new Error(`${events.length} events, at most ${most} expected`);
  return seen;
}

function checkEvent(
  event: WorkflowEvent,
  seen: Seen,
  step: (stepId: number) => PlannedStep,
  mustBeApproved: (step: PlannedStep) => boolean,
  must: (holds: boolean, invariant: string, event: WorkflowEvent) => void,
): void {
  /** A person may decide about a step that waits for its tool as about one that failed. */
  const isLetter = (stepId: number): boolean => seen.deadLettered.delete(stepId) || seen.waiting.delete(stepId);
  switch (event.type) {
    case 'StepReady': {
      const { stepId, attempt, args, argsHash, at } = event.data;
      const { dependsOn, args: planned, retry } = step(stepId);
      must(
        dependsOn.every((key) => seen.outputs.has(key)),
        'invariant 8: ready after its dependencies succeeded',
        event,
      );
      const tries = seen.tries.get(stepId) ?? 0;
      must(
        attempt === (seen.attempts.get(stepId) ?? 0) + 1 && tries < retry.maxAttempts && (seen.lost.get(stepId) ?? 0) <= MOST_INTERRUPTIONS,
        'invariant 14: attempts in order, bounded',
        event,
      );
      must(tries === 0 || seen.dueAt.get(stepId)! <= at, 'invariant 15: a retry is never early', event);
      must(!seen.paused && !seen.stopping, 'nothing becomes ready while the run is paused or stopped', event);
      const wanted = seen.edited.get(stepId) ?? printOf(completed(planned, seen.outputs));
      must(printOf(args) === argsHash && argsHash === wanted, 'arguments hold the outputs, or what a person put in their place', event);
      must(!seen.live.has(stepId) && !seen.deadLettered.has(stepId), 'invariant 10: one attempt at a time', event);
      seen.attempts.set(stepId, attempt);
      seen.waiting.delete(stepId);
      seen.ready.set(stepId, event.data);
      return;
    }
    case 'StepStarted': {
      const { stepId, attempt } = event.data;
      const ready = seen.ready.get(stepId);
      must(ready?.attempt === attempt, 'invariant 16: starts the attempt that is ready', event);
      must(
        !mustBeApproved(step(stepId)) || seen.granted.get(stepId) === ready?.argsHash,
        'invariant 21: approved with these arguments',
        event,
      );
      must(!seen.live.has(stepId), 'invariant 16: at most one live attempt', event);
      must(!seen.paused && !seen.stopping, 'invariant 12: nothing starts while the run is paused or stopped', event);
      seen.ready.delete(stepId);
      seen.tries.set(stepId, (seen.tries.get(stepId) ?? 0) + 1);
      seen.live.set(stepId, attempt);
      return;
    }
    case 'StepSucceeded':
    case 'StepFailed': {
      const { stepId, attempt } = event.data;
      if (event.type === 'StepSucceeded' && event.data.byHand) must(isLetter(stepId), 'completed by hand as a dead letter', event);
      else must(seen.live.get(stepId) === attempt, 'invariant 10: one outcome, of the live attempt', event);
      seen.live.delete(stepId);
      if (event.type === 'StepSucceeded') seen.outputs.set(step(stepId).key, event.data.output);
      else seen.failed.add(stepId);
      if (event.type === 'StepFailed' && event.data.error.code === INTERRUPTED_CODE) {
        seen.tries.set(stepId, seen.tries.get(stepId)! - 1);
        seen.lost.set(stepId, (seen.lost.get(stepId) ?? 0) + 1);
      }
      return;
    }
    case 'StepResultRefused': {
      const { stepId, attempt, afterEnd = false } = event.data;
      must(
        seen.live.get(stepId) !== attempt && attempt <= (seen.attempts.get(stepId) ?? 0),
        'invariant 10: what counts is not refused',
        event,
      );
      must(afterEnd === seen.ended, 'says whether the run had ended', event);
      return;
    }
    case 'StepWaitsForTool': {
      const { stepId, attempt } = event.data;
      must(seen.ready.get(stepId)?.attempt === attempt, 'only what is ready, and has not started, waits for its tool', event);
      must(!seen.paused && !seen.stopping, 'nothing waits for its tool while the run is paused or stopped', event);
      seen.ready.delete(stepId);
      seen.waiting.add(stepId);
      return;
    }
    case 'StepRetryScheduled':
      must(
        event.data.dueAt >= event.data.at || seen.dueAt.get(event.data.stepId) === event.data.dueAt,
        'a retry is due in the future, or was when it was held',
        event,
      );
      seen.dueAt.set(event.data.stepId, event.data.dueAt);
      return;
    case 'ApprovalRequested':
      must(mustBeApproved(step(event.data.stepId)) && !seen.asked.has(event.data.stepId), 'asked once, where needed', event);
      seen.asked.set(event.data.stepId, event.data.approvalId);
      return;
    case 'ApprovalReminded': {
      const { stepId, approvalId } = event.data;
      must(seen.asked.get(stepId) === approvalId && !seen.decided.has(stepId), 'people are reminded of what they can still decide', event);
      return;
    }
    case 'ApprovalGranted':
    case 'ApprovalRejected': {
      const { stepId, approvalId } = event.data;
      must(seen.asked.get(stepId) === approvalId && !seen.decided.has(stepId), 'invariant 23: at most one decision', event);
      seen.decided.add(stepId);
      if (event.type === 'ApprovalGranted') seen.granted.set(stepId, event.data.argsHash);
      else seen.rejected.add(stepId);
      return;
    }
    case 'StepSkipped': {
      const { key, dependsOn, stepId } = step(event.data.stepId);
      const isOpen = seen.failed.has(stepId) || seen.raised.has(stepId) || seen.waiting.has(stepId);
      const wasTried = seen.attempts.has(stepId) && !isOpen;
      must(
        !wasTried && !seen.live.has(stepId) && !seen.skipped.has(key),
        'only a step that never was ready, or failed, is skipped, once',
        event,
      );
      const because = {
        rejected: () => seen.rejected.has(stepId),
        dependency: () => dependsOn.some((other) => seen.skipped.has(other)),
        failure: () => event.data.error !== undefined,
        person: () => isLetter(stepId),
      };
      must(because[event.data.cause](), 'skipped for a reason', event);
      seen.skipped.add(key);
      return;
    }
    case 'StepDeadLettered':
      must(!seen.deadLettered.has(event.data.stepId) && !seen.live.has(event.data.stepId), 'put aside once', event);
      seen.deadLettered.add(event.data.stepId);
      return;
    case 'StepRetryRequested': {
      const { stepId, argsHash, isEdited, riskLevel } = event.data;
      must(isLetter(stepId), 'tried again as a dead letter', event);
      must(RISK_LEVELS.indexOf(riskLevel) >= RISK_LEVELS.indexOf(step(stepId).riskLevel), 'invariant 26: risk never gets less', event);
      for (const forgotten of [seen.asked, seen.decided, seen.granted, seen.tries]) forgotten.delete(stepId);
      if (isEdited) seen.edited.set(stepId, argsHash);
      seen.raised.set(stepId, { ...step(stepId), riskLevel });
      return;
    }
    case 'WorkflowPaused':
      // What was ready and had not started is made ready again later.
      seen.ready.clear();
      seen.waiting.clear();
      seen.paused = true;
      return;
    case 'WorkflowResumed':
      must(seen.paused, 'resumed after a pause', event);
      seen.paused = false;
      return;
    case 'WorkflowStopping':
      must(seen.live.size > 0 && !seen.stopping, 'stopping while something runs, once', event);
      seen.stopping = true;
      return;
    default:
      return;
  }
}
