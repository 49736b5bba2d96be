import { Inject, Injectable } from '@nestjs/common';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { messageOf } from '../message-of.js';
import { leftToNewer, nameNewer } from '../newer-event.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { EventLogUnavailable, type RecordedEvent } from '../ports/event-log.js';
import type { Verdict } from '../ports/event-feed.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { bySystem } from '../workflow/cause.js';
import { workflowIdOf } from '../workflow/workflow-codec.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';

/** Deliveries after which the store would put an event aside by itself, where nobody sees it: never, as far as it can be told. */
export const NEVER_PARKED_BY_THE_STORE = 2_000_000_000;

export interface Trial {
  /** Name of who deals with it. */
  readonly handler: string;
  readonly event: RecordedEvent;
  /** How often it was tried before this time. */
  readonly retryCount: number;
  /** Tries before a fault that does not pass by itself is left to a person. */
  readonly patience: number;
}

/** What becomes of an event that a handler could not deal with: it is tried again, or parked in its run, where people see it and can have it replayed or dropped. */
@Injectable()
export class EventParking {
  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async failed(trial: Trial, fault: unknown): Promise<Verdict> {
    const { handler, event, retryCount, patience } = trial;
    const reason = messageOf(fault);
    // Nothing can be parked in a run that cannot be read; the engine that wrote to it, or this one once it is newer, deals with the event.
    if (nameNewer(fault, this.loops)) return leftToNewer(retryCount, reason);
    const what = `${handler}: ${event.type} ${event.revision}@${event.streamId}`;
    // A store that is away comes back: an hour of it is not a fault of any event.
    const workflowId = fault instanceof EventLogUnavailable || retryCount + 1 < patience ? undefined : workflowIdOf(event.streamId);
    if (workflowId === undefined) {
      this.logger.warn(`${what} failed and will be tried again: ${reason}`);
      return { kind: 'retry', reason };
    }
    const tries = retryCount + 1;
    const { stepId } = event.data as { readonly stepId?: number };
    const data = { handler, revision: event.revision, eventType: event.type, ...(stepId === undefined ? {} : { stepId }), tries, reason };
    try {
      await this.decisions.execute(workflowId, { type: 'ParkEvent', data }, bySystem(handler, event.id));
    } catch (error) {
      if (!(error instanceof DomainError)) {
        this.logger.error(`${what} cannot be dealt with (${reason}) nor parked, and will be tried again: ${messageOf(error)}`);
        return { kind: 'retry', reason };
      }
    }
    this.logger.error(`${what} is parked after ${tries} tries: ${reason}`);
    return { kind: 'ack' };
  }
}
