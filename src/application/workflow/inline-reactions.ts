import type { WorkflowEvent, WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import type { WorkflowState } from '../../domain/workflow/workflow.state.js';
import type { Cause } from './cause.js';

/** An event with its id, which what follows from it names as its cause, and its place in its stream once it is stored. */
export type CausingEvent<T extends WorkflowEventType = WorkflowEventType> = WorkflowEvent<T> & {
  readonly id: string;
  readonly revision?: number;
};

/** A command that follows from an event of the same run, to be decided over the state that the event leads to, and stored together with it. */
export interface InlineCommand {
  readonly command: WorkflowCommand;
  readonly cause: Cause;
  /** What it led to is durable. @param state the run after that */
  stored?(state: WorkflowState): void;
  /** It led to nothing, or what it led to is not known to be stored. @param fault what came in between; EventLogUnavailable: it may be stored, or come to be */
  dropped?(fault: unknown): void;
}

/**
 * Shown what has just been decided, before it is stored. It saves the round trip over a consumer group and does not replace it: the event is delivered all the
 * same, and is dealt with then if it was not here (ADR 14).
 */
export interface InlineReactor {
  /** @param state the run after all that has been decided so far */
  react(event: CausingEvent, state: WorkflowState): readonly InlineCommand[];
}
