import type { WorkflowEvent } from '../events/workflow-events.js';
import { evolveAll } from '../evolve.js';
import { isDone, type WorkflowState } from '../workflow.state.js';

/** Adds the run's completion where the events are its last ones. */
export function withCompletion(events: readonly WorkflowEvent[], state: WorkflowState, now: string): readonly WorkflowEvent[] {
  if (events.length === 0) return events;
  const after = evolveAll(state, events);
  if (!isDone(after)) return events;
  const { workflowId, succeeded, skipped } = after;
  return [...events, { type: 'WorkflowCompleted', data: { workflowId, at: now, succeeded, skipped } }];
}
