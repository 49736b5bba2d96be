import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { PlannedStep } from '../../../src/domain/plan/plan.js';
import { isFinalEventType, type StepReady, type WorkflowEvent } from '../../../src/domain/workflow/events/workflow-events.js';
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
  readonly skipped: Set<string>;
  readonly deadLettered: Set<number>;
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
    skipped: new Set(),
    deadLettered: new Set(),
    ended: false,
  };
  const must = (holds: boolean, invariant: string, event: WorkflowEvent): void => {
    if (!holds) throw new Error(`${invariant}: ${JSON.stringify(event)}`);
  };
  const step = (stepId: number): PlannedStep => steps[stepId - 1]!;
  for (const event of events) {
    must(!seen.ended, 'invariant 11: nothing after the final event', event);
    seen.ended = isFinalEventType(event.type);
    checkEvent(event, seen, step, mustBeApproved, must);
    if (event.type === 'WorkflowCompleted') {
      must(seen.outputs.size + seen.skipped.size === steps.length, 'completed with every step succeeded or skipped', event);
      must(seen.live.size === 0, 'no attempt outlives completion', event);
    }
  }
  // Blocked, requested, decided, skipped or put aside; ready, started, failed, retried for each attempt; submitted, planned, ended.
  const most = 3 + steps.reduce((sum, { retry }) => sum + 5 + 4 * retry.maxAttempts, 0);
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
  switch (event.type) {
    case 'StepReady': {
      const { stepId, attempt, args, argsHash, at } = event.data;
      const { dependsOn, args: planned, retry } = step(stepId);
      must(
        dependsOn.every((key) => seen.outputs.has(key)),
        'invariant 8: ready after its dependencies succeeded',
        event,
      );
      must(
        attempt === (seen.attempts.get(stepId) ?? 0) + 1 && attempt <= retry.maxAttempts,
        'invariant 14: attempts in order, bounded',
        event,
      );
      must(attempt === 1 || seen.dueAt.get(stepId)! <= at, 'invariant 15: a retry is never early', event);
      must(printOf(args) === argsHash && argsHash === printOf(completed(planned, seen.outputs)), 'arguments hold the outputs', event);
      must(!seen.live.has(stepId) && !seen.deadLettered.has(stepId), 'invariant 10: one attempt at a time', event);
      seen.attempts.set(stepId, attempt);
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
      seen.ready.delete(stepId);
      seen.live.set(stepId, attempt);
      return;
    }
    case 'StepSucceeded':
    case 'StepFailed': {
      const { stepId, attempt } = event.data;
      must(seen.live.get(stepId) === attempt, 'invariant 10: one outcome, of the live attempt', event);
      seen.live.delete(stepId);
      if (event.type === 'StepSucceeded') seen.outputs.set(step(stepId).key, event.data.output);
      return;
    }
    case 'StepRetryScheduled':
      must(event.data.dueAt >= event.data.at, 'a retry is due in the future', event);
      seen.dueAt.set(event.data.stepId, event.data.dueAt);
      return;
    case 'ApprovalRequested':
      must(mustBeApproved(step(event.data.stepId)) && !seen.asked.has(event.data.stepId), 'asked once, where needed', event);
      seen.asked.set(event.data.stepId, event.data.approvalId);
      return;
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
      must(!seen.attempts.has(stepId) && !seen.skipped.has(key), 'only a step that never was ready is skipped, once', event);
      must(seen.rejected.has(stepId) || dependsOn.some((other) => seen.skipped.has(other)), 'skipped for a reason', event);
      seen.skipped.add(key);
      return;
    }
    case 'StepDeadLettered':
      must(!seen.deadLettered.has(event.data.stepId) && !seen.live.has(event.data.stepId), 'put aside once', event);
      seen.deadLettered.add(event.data.stepId);
      return;
    default:
      return;
  }
}
