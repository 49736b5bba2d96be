import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { RunDeliveries, type Attached } from '../execution/run-deliveries.js';
import { EVENT_FEED, type Delivery, type EventFeed, type GroupConsumer, type GroupHandler, type Verdict } from '../ports/event-feed.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import type { CausingEvent, InlineCommand, InlineReactor } from '../workflow/inline-reactions.js';
import { isScheduled, ScheduleReadySteps } from '../workflow/schedule-ready-steps.command.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { EventParking, NEVER_PARKED_BY_THE_STORE } from '../parking/event-parking.js';
import { answersTo, reactionTo, type Saga } from './saga.js';
import { SAGAS } from './sagas.js';

/** Deliveries of one saga that has a group of its own in work at once. */
const IN_WORK = 64;
/** A delivery that takes longer is given to another node, in milliseconds. */
const MESSAGE_TIMEOUT_MS = 60_000;

/**
 * Drives sagas. What they answer to an event that is just being decided, and can be decided over the same run, is stored together with it. The guarantee is the
 * persistent subscription: there an event is acknowledged only after all its commands were carried out, tried again after a fault, and parked in its run
 * when the tries are used up.
 */
@Injectable()
export class SagaRunner implements InlineReactor {
  private started: (Attached | GroupConsumer)[] = [];

  constructor(
    @Inject(EVENT_FEED) private readonly feed: EventFeed,
    private readonly runs: RunDeliveries,
    private readonly commands: CommandBus,
    private readonly decisions: WorkflowDecisions,
    private readonly parking: EventParking,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const joined = await Promise.allSettled(SAGAS.map((saga) => this.join(saga)));
    // Those that joined are there to be stopped, also where another one could not.
    this.started = joined.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const fault = joined.find((outcome) => outcome.status === 'rejected');
    if (fault) throw fault.reason;
    this.decisions.reactors.add(this);
  }

  react(event: CausingEvent): readonly InlineCommand[] {
    const commands = SAGAS.filter((saga) => answersTo(saga, event.type)).flatMap((saga) => saga.react(event));
    return commands.flatMap((command) => (command instanceof ScheduleReadySteps ? [command.inline] : []));
  }

  /** Finishes the deliveries in work and takes no more. */
  async stop(): Promise<void> {
    this.decisions.reactors.delete(this);
    await Promise.all(this.started.splice(0).map((part) => ('detach' in part ? part.detach() : part.stop())));
  }

  private join(saga: Saga): Promise<Attached | GroupConsumer> {
    const handler: GroupHandler = {
      deliver: (delivery) => this.deliver(saga, delivery),
      isSettled: (recorded) => this.isSettled(saga, recorded),
    };
    if (saga.follows === 'runs') return this.runs.attach(saga.reactsTo, handler);
    const { name, reactsTo: eventTypes } = saga;
    const group = { name, eventTypes, bufferSize: IN_WORK, messageTimeoutMs: MESSAGE_TIMEOUT_MS, maxRetryCount: NEVER_PARKED_BY_THE_STORE };
    return this.feed.join({ ...group, strategy: 'by-stream' }, handler);
  }

  private isSettled(saga: Saga, recorded: RecordedEvent): boolean {
    const commands = reactionTo(saga, recorded);
    return commands.every(
      (command) => command instanceof ScheduleReadySteps && isScheduled(command.input, this.decisions.lastKnown(command.input.workflowId)),
    );
  }

  private async deliver(saga: Saga, { event: recorded, retryCount }: Delivery): Promise<Verdict> {
    try {
      for (const command of reactionTo(saga, recorded)) await this.commands.execute(command);
      return { kind: 'ack' };
    } catch (error) {
      if (!(error instanceof DomainError))
        return this.parking.failed({ handler: saga.name, event: recorded, retryCount, patience: saga.patience }, error);
      // Refused for good, e.g. because the run was cancelled meanwhile: another try would be refused too.
      if (error.code !== 'workflow.finished')
        this.logger.warn(
          `${saga.name}: ${recorded.type} ${recorded.revision}@${recorded.streamId} led to a refused command: ${error.message}`,
        );
      return { kind: 'ack' };
    }
  }
}
