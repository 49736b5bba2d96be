import type { RunsEvent } from '../execution/run-deliveries.js';
import type { Command } from '@nestjs/cqrs';
import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { workflowEventOf } from '../workflow/workflow-codec.js';
import type { CausingEvent } from '../workflow/inline-reactions.js';

/**
 * A reaction: event in, commands out. Pure and without state: an event may be delivered again, and its commands decide nothing the second time.
 */
interface Reaction<T extends WorkflowEventType> {
  /** Under this name what it cannot deal with is parked, and its progress is kept where it has a consumer group of its own: never rename. */
  readonly name: string;
  /** Tries before an event is parked, where the fault does not pass by itself. Between tries are pauses that grow to 15 s. */
  readonly patience: number;
  // A method, so that sagas of different events fit in one list.
  react(event: CausingEvent<T>): readonly Command<unknown>[];
}

/** It keeps others waiting as long as it takes, and goes on whatever holds them up: e.g. a planner may be a service that is away. */
interface ReactionApart<T extends WorkflowEventType> extends Reaction<T> {
  readonly follows: 'its own group';
  readonly reactsTo: readonly T[];
}

/** It is at work at once, where the run's steps are. */
interface ReactionWithinRuns<T extends WorkflowEventType> extends Reaction<T> {
  readonly follows: 'runs';
  readonly reactsTo: readonly Extract<T, RunsEvent>[];
}

export type Saga<T extends WorkflowEventType = WorkflowEventType> = ReactionApart<T> | ReactionWithinRuns<T>;

export const answersTo = ({ reactsTo }: Saga, type: WorkflowEventType): boolean =>
  (reactsTo as readonly WorkflowEventType[]).includes(type);

/** The commands with which a saga answers to a stored event. */
export function reactionTo(saga: Saga, recorded: RecordedEvent): readonly Command<unknown>[] {
  const event = workflowEventOf(recorded);
  return event && answersTo(saga, event.type) ? saga.react({ ...event, id: recorded.id, revision: recorded.revision }) : [];
}
