import { z } from 'zod';
import type { RecordedEvent } from '../../../application/ports/event-log.js';
import type { Timeline } from '../../../application/queries/get-timeline.js';
import { RUN_STATES } from '../../../domain/workflow/lifecycle.js';
import type { LoggedEntry } from '../../../application/timeline/logged-entry.js';
import { TIMELINE_TYPES } from '../../../domain/workflow/timeline.js';
import { id, jsonObject, position, time } from '../responses/member-schemas.js';
import { presentWait, waitingFor } from './workflow.responses.js';

/** What a person reads of an event, in the timeline and in the live stream. */
export const timelineEventSchema = z
  .strictObject({
    id: z.int().meta({ description: "Revision of the event in the run's stream; the id of its frame in the live stream.", example: 3 }),
    position: position.meta({
      description: 'Place of the event in the log. Given as `min_position` to a read, the read sees at least this event.',
    }),
    type: z.enum(TIMELINE_TYPES),
    message: z.string().meta({ example: 'Step ready: Search for backend jobs' }),
    step_id: id.nullable(),
    at: time,
    data: jsonObject,
  })
  .meta({ id: 'TimelineEvent' });

export const timelineSchema = z
  .strictObject({
    workflow_id: id,
    state: z.enum(RUN_STATES),
    waiting_for: waitingFor,
    events: z.array(timelineEventSchema),
    next: z.int().nullable().meta({ description: 'Ask with it as `after` for what follows; null where this is all there is now.' }),
  })
  .meta({ id: 'Timeline' });

export const storedEventsSchema = z
  .strictObject({
    workflow_id: id,
    events: z.array(
      z
        .strictObject({
          event_id: z.string(),
          revision: z.int(),
          position,
          type: z.string().meta({ example: 'StepReady' }),
          data: jsonObject.meta({ description: 'As stored.' }),
          metadata: jsonObject.meta({ description: 'As stored: who caused the event, and what led to it.' }),
        })
        .meta({ id: 'StoredEvent' }),
    ),
    next_from: z.int().nullable().meta({ description: 'Ask with it as `from` for what follows; null where this is all there is now.' }),
  })
  .meta({ id: 'StoredEvents' });

export const presentTimelineEvent = (entry: LoggedEntry): z.infer<typeof timelineEventSchema> => ({
  id: entry.id,
  position: entry.position.toString(),
  type: entry.type,
  message: entry.message,
  step_id: entry.stepId,
  at: entry.at,
  data: entry.data,
});

export const presentTimeline = ({ workflowId, state, waitingFor: waits, entries, next }: Timeline): z.infer<typeof timelineSchema> => ({
  workflow_id: workflowId,
  state,
  waiting_for: waits.map(presentWait),
  events: entries.map(presentTimelineEvent),
  next,
});

export function presentStoredEvents(
  workflowId: number,
  events: readonly RecordedEvent[],
  limit: number,
): z.infer<typeof storedEventsSchema> {
  const last = events.length < limit ? undefined : events.at(-1);
  return {
    workflow_id: workflowId,
    events: events.map(({ id: eventId, revision, position: at, type, data, metadata }) => ({
      event_id: eventId,
      revision,
      position: at.toString(),
      type,
      data,
      metadata: { ...metadata } as z.infer<typeof jsonObject>,
    })),
    next_from: last ? last.revision + 1 : null,
  };
}
