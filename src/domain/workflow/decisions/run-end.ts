import type { WorkflowEvent, WorkflowStopping } from '../events/workflow-events.js';
import { evolveAll } from '../evolve.js';
import { effectsOf } from './compensation.js';
import { isDone, type WorkflowState } from '../workflow.state.js';

/** How long attempts in flight may take to end once their run is stopped, in milliseconds. After it their outcome is unknown. */
export const STOP_GRACE_MS = 30_000;

/** Adds the run's final event where the events are its last ones: everything is settled, or it is being stopped and nothing runs any more. */
export function withEnd(events: readonly WorkflowEvent[], state: WorkflowState, now: string): readonly WorkflowEvent[] {
  if (events.length === 0) return events;
  const after = evolveAll(state, events);
  const end = endOf(after, now);
  return end ? [...events, end] : events;
}

function endOf(state: WorkflowState, now: string): WorkflowEvent | undefined {
  const { workflowId, succeeded, skipped, rejected, failed, stopping, running } = state;
  if (stopping) return running === 0 ? finalEvent(state, now, stopping) : undefined;
  if (!isDone(state)) return undefined;
  return { type: 'WorkflowCompleted', data: { workflowId, at: now, succeeded, skipped, rejected, failed } };
}

type Stop = Pick<WorkflowStopping, 'endsAs' | 'code' | 'reason' | 'decidedBy' | 'compensate'>;

function finalEvent(state: WorkflowState, at: string, { endsAs, code, reason, decidedBy, compensate }: Stop): WorkflowEvent {
  const { workflowId } = state;
  const by = decidedBy === undefined ? {} : { decidedBy };
  if (endsAs === 'FAILED') return { type: 'WorkflowFailed', data: { workflowId, at, code, reason, ...by } };
  const cancelledBy = decidedBy === undefined ? {} : { cancelledBy: decidedBy };
  const compensation = compensate ? { compensation: effectsOf(state) } : {};
  return { type: 'WorkflowCancelled', data: { workflowId, at, reason, ...cancelledBy, ...compensation } };
}

/** Stops a run: at once where nothing runs, else when everything in flight has its outcome. `state` is the run after the events that led to it. */
export function stopRun(stop: Stop, state: WorkflowState, now: string): WorkflowEvent {
  const { workflowId, running } = state;
  if (running === 0) return finalEvent(state, now, stop);
  const until = new Date(Date.parse(now) + STOP_GRACE_MS).toISOString();
  return { type: 'WorkflowStopping', data: { workflowId, at: now, ...stop, until } };
}
