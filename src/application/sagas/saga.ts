import type { Command } from '@nestjs/cqrs';
import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { workflowEventOf } from '../workflow/workflow-codec.js';
import type { CausingEvent } from '../workflow/inline-reactions.js';

/**
 * A reaction: event in, commands out. Pure and without state: an event may be delivered again, and its commands decide nothing the second time.
 */
export interface Saga<T extends WorkflowEventType = WorkflowEventType> {
  /** Name of its consumer group, under which the event store keeps its progress: never rename. */
  readonly name: string;
  readonly reactsTo: readonly T[];
  /** Tries before an event is parked, where the fault does not pass by itself. Between tries are pauses that grow to 15 s. */
  readonly patience: number;
  // A method, so that sagas of different events fit in one list.
  react(event: CausingEvent<T>): readonly Command<unknown>[];
}

/** The commands with which a saga answers to a stored event. */
export function reactionTo(saga: Saga, recorded: RecordedEvent): readonly Command<unknown>[] {
  const event = workflowEventOf(recorded);
  return event && saga.reactsTo.includes(event.type) ? saga.react({ ...event, id: recorded.id, revision: recorded.revision }) : [];
}
