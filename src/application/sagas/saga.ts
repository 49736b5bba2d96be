import type { Command } from '@nestjs/cqrs';
import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { CausingEvent } from '../workflow/inline-reactions.js';

/**
 * A reaction: event in, commands out. Pure and without state: an event may be delivered again, and its commands decide nothing the second time.
 */
export interface Saga<T extends WorkflowEventType = WorkflowEventType> {
  /** Name of its consumer group, under which the event store keeps its progress: never rename. */
  readonly name: string;
  readonly reactsTo: readonly T[];
  // A method, so that sagas of different events fit in one list.
  react(event: CausingEvent<T>): readonly Command<unknown>[];
}
