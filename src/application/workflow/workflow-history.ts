import { evolve } from '../../domain/workflow/evolve.js';
import { initialWorkflow, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import type { EventLog, NewEvent } from '../ports/event-log.js';
import { workflowEventOf, workflowStream } from './workflow-codec.js';

/** A run as known at a revision of its stream; −1 before the first event. */
export interface WorkflowSnapshot {
  readonly state: WorkflowState;
  readonly revision: number;
  /** Log position of the event at that revision; 0n before the first. */
  readonly position: bigint;
}

export const emptySnapshot = (workflowId: number): WorkflowSnapshot => ({ state: initialWorkflow(workflowId), revision: -1, position: 0n });

/** A run with the size of its events, which is about a third of what it takes in memory. */
export interface KnownRun extends WorkflowSnapshot {
  readonly bytes: number;
}

export const unknownRun = (workflowId: number): KnownRun => ({ ...emptySnapshot(workflowId), bytes: 0 });

/** What an event adds to the size of its run, in bytes (of ASCII text; others count as much): its data, and about as much as it has else. */
export const weightOf = ({ data, text = JSON.stringify(data) }: Pick<NewEvent, 'data' | 'text'>): number => text.length + 100;

/** The run with all events that the log holds after what is known. @throws EventLogUnavailable, NewerEvent */
export async function topUp(log: EventLog, from: KnownRun): Promise<KnownRun> {
  let { state, revision, position, bytes } = from;
  for await (const recorded of log.readStream(workflowStream(state.workflowId), { from: revision + 1 })) {
    const event = workflowEventOf(recorded);
    if (event) state = evolve(state, event);
    ({ revision, position } = recorded);
    bytes += weightOf(recorded);
  }
  return revision === from.revision ? from : { state, revision, position, bytes };
}
