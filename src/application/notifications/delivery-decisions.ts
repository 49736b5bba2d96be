import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '../../domain/json.js';
import {
  decideDelivery,
  evolveDelivery,
  knownDelivery,
  type Delivery,
  type DeliveryCommand,
  type DeliveryEvent,
  type DeliveryState,
} from '../../domain/notification/delivery.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, RevisionConflict, type Actor, type EventLog } from '../ports/event-log.js';
import { SCHEMA_VERSION } from '../workflow/workflow-codec.js';
import { deliveryEventOf, deliveryStream } from './delivery-codec.js';

export interface KnownDelivery {
  readonly state: DeliveryState;
  /** -1: there is no stream. */
  readonly revision: number;
  /** Of the last event; 0n where there is none. */
  readonly position: bigint;
}

export interface DecidedDelivery {
  readonly delivery: Delivery;
  /** Of the delivery's last event. */
  readonly revision: number;
  /** What was recorded; nothing where there was nothing left to decide. */
  readonly events: readonly DeliveryEvent[];
  /** Log position of the delivery's last event. */
  readonly position: bigint;
}

export interface DeliveryCause {
  readonly actor: Actor;
  /** Stream of what led to the delivery. */
  readonly of?: string;
  /** Id of the event that it is about. */
  readonly eventId?: string;
}

/** The only way to write to a delivery. Its stream is short, and read anew each time. */
@Injectable()
export class DeliveryDecisions {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws EventLogUnavailable */
  async read(deliveryId: string): Promise<KnownDelivery> {
    let read: KnownDelivery = { state: undefined, revision: -1, position: 0n };
    for await (const recorded of this.log.readStream(deliveryStream(deliveryId))) {
      const event = deliveryEventOf(recorded);
      const { revision, position } = recorded;
      read = { state: event ? evolveDelivery(read.state, event) : read.state, revision, position };
    }
    return read;
  }

  /**
   * Decides the commands one after the other, as one append, and again where another process was quicker.
   * @param known as it was before: it is read only where it is not any more, and something is recorded
   * @throws DomainError delivery.*; EventLogUnavailable
   */
  async execute(
    deliveryId: string,
    commands: readonly DeliveryCommand[],
    cause: DeliveryCause,
    known?: KnownDelivery,
  ): Promise<DecidedDelivery> {
    for (let at = known; ; at = undefined) {
      const { state, revision, position } = at ?? (await this.read(deliveryId));
      const now = new Date(this.clock.now()).toISOString();
      let after = state;
      const events: DeliveryEvent[] = [];
      for (const command of commands) {
        const decided = decideDelivery(deliveryId, command, after, now);
        events.push(...decided);
        after = decided.reduce(evolveDelivery, after);
      }
      const delivery = knownDelivery(deliveryId, after);
      if (events.length === 0) return { delivery, events, revision, position };
      try {
        const appended = await this.append(deliveryStream(deliveryId), events, revision, cause);
        return { delivery, events, revision: revision + events.length, position: appended.position };
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
  }

  private append(stream: string, events: readonly DeliveryEvent[], revision: number, { actor, of, eventId }: DeliveryCause) {
    const metadata = {
      $correlationId: of ?? stream,
      ...(eventId === undefined ? {} : { $causationId: eventId }),
      ...{ commandId: randomUUID(), actor, schemaVersion: SCHEMA_VERSION },
    };
    const recorded = events.map(({ type, data }) => ({ id: randomUUID(), type, data: data as unknown as JsonObject, metadata }));
    return this.log.append(stream, recorded, revision < 0 ? 'no-stream' : revision);
  }
}
