import { evolve } from '../../domain/workflow/evolve.js';
import { initialWorkflow, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import type { EventLog } from '../ports/event-log.js';
import { everyWorkflowEventOf, workflowStream } from './workflow-codec.js';

/** A run as known at a revision of its stream; −1 before the first event. */
export interface WorkflowSnapshot {
  readonly state: WorkflowState;
  readonly revision: number;
  /** Log position of the event at that revision; 0n before the first. */
  readonly position: bigint;
}

export const emptySnapshot = (workflowId: number): WorkflowSnapshot => ({ state: initialWorkflow(workflowId), revision: -1, position: 0n });

/** The snapshot with all events that the log holds after it. @throws EventLogUnavailable, NewerEvent */
export async function topUp(log: EventLog, from: WorkflowSnapshot): Promise<WorkflowSnapshot> {
  let { state, revision, position } = from;
  for await (const recorded of log.readStream(workflowStream(state.workflowId), { from: revision + 1 })) {
    const event = everyWorkflowEventOf(recorded);
    if (event) state = evolve(state, event);
    ({ revision, position } = recorded);
  }
  return revision === from.revision ? from : { state, revision, position };
}
