import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { EventLog, RecordedEvent } from '../ports/event-log.js';
import { workflowStream } from './workflow-codec.js';

export const SUBMITTED: WorkflowEventType = 'WorkflowSubmitted';

/** The event with which a run was submitted; undefined where there is none. Parts of a large plan may be stored before it. @throws EventLogUnavailable */
export async function submissionOf(log: EventLog, workflowId: number): Promise<RecordedEvent | undefined> {
  for (const limit of [1, Number.MAX_SAFE_INTEGER]) {
    for await (const event of log.readStream(workflowStream(workflowId), { limit })) if (event.type === SUBMITTED) return event;
  }
  return undefined;
}
