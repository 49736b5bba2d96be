import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '../message-of.js';
import type { AlertEvent } from '../../domain/alert/alert.js';
import type { Channel, ChannelEventData } from '../../domain/notification/channel.js';
import { takesMore } from '../../domain/notification/delivery.js';
import type { Listed } from '../../domain/notification/digest-list.js';
import { isFor, type Notification, type Told } from '../../domain/notification/notification.js';
import { notificationsOf, TOLD_EVENT_TYPES } from '../../domain/notification/notifications-of.js';
import { alertEventOf } from '../alerts/alert-codec.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { leftToNewer, nameNewer } from '../newer-event.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_FEED, type Delivery, type EventFeed, type GroupConsumer, type Verdict } from '../ports/event-feed.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { NEVER_PARKED_BY_THE_STORE } from '../parking/event-parking.js';
import { bySystem } from '../workflow/cause.js';
import { workflowEventOf, workflowIdOf } from '../workflow/workflow-codec.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { channelEventOf } from './channel-codec.js';
import { ChannelRegistry } from './channel-registry.js';
import { deliveryIdOf } from './delivery-codec.js';
import { DeliveryDecisions, type DeliveryCause, type KnownDelivery } from './delivery-decisions.js';
import { Turns } from './turns.js';

/** Name of the consumer group: never rename. */
const GROUP = 'tell-channels';
const IN_WORK = 32;
/** A delivery that takes longer is given to another node, in milliseconds. */
const MESSAGE_TIMEOUT_MS = 60_000;

/** More notifications than this to one channel within `DIGEST_WINDOW_MS` become one message at its end. */
export const DIGEST_FROM = 10;
export const DIGEST_WINDOW_MS = 60_000;

/** Events about no run of which people are told: with those of runs the consumer group's, so never change them without another group. */
const TOLD_OF_THE_ENGINE = ['ChannelDisabled', 'AlertBegan', 'AlertEnded'] as const;

const OF_NO_RUN: Told['subject'] = { userId: null, tools: [], risk: null, waits: [] };

const toldOfDisabled = ({ channelId, at, kind, destination, reason }: ChannelEventData['ChannelDisabled']): Told => ({
  notification: {
    ...{ type: 'channel.disabled', at, page: '/', title: `Channel ${channelId} (${kind}, ${destination}) is disabled: ${reason}` },
    data: { channel_id: channelId, kind, destination, reason },
  },
  subject: OF_NO_RUN,
});

function toldOfAlert({ type, data }: AlertEvent): Told {
  const { alert, kind, at } = data;
  const page = '/attention';
  const notification: Told['notification'] =
    type === 'AlertBegan'
      ? { type: 'alert.began', at, page, title: `Alert ${alert}: ${data.detail}`, data: { alert, kind, detail: data.detail } }
      : { type: 'alert.ended', at, page, title: `Alert ${alert} is over`, data: { alert, kind, began_at: data.began, why: data.why } };
  return { notification, subject: OF_NO_RUN };
}

/**
 * Records what each channel is to be told of, once for each event: the delivery's id is made of channel and event, and its stream begins with whoever comes first.
 * Nothing is sent here.
 */
@Injectable()
export class DeliveryPlanner {
  private consumer: GroupConsumer | undefined;
  /** When the last notifications of channels were planned, by this process. */
  private readonly recent = new Map<number, number[]>();
  /** The last digests of channels as this process knows them, in order: what their streams say counts. */
  private readonly digests = new Map<number, { readonly firstId: string; readonly known: KnownDelivery[] }>();
  /** One at a time for each channel. */
  private readonly adding = new Turns<number>();

  constructor(
    @Inject(EVENT_FEED) private readonly feed: EventFeed,
    private readonly runs: WorkflowDecisions,
    private readonly channels: ChannelRegistry,
    private readonly deliveries: DeliveryDecisions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Takes part in the group, once there is a channel or ever was one: before, nobody is to be told of anything. @throws EventLogUnavailable */
  async joinIfNeeded(): Promise<void> {
    const from = this.channels.firstMadeAt;
    if (this.consumer || from === undefined) return;
    this.consumer = await this.feed.join(
      {
        name: GROUP,
        from,
        eventTypes: [...TOLD_EVENT_TYPES, ...TOLD_OF_THE_ENGINE],
        bufferSize: IN_WORK,
        messageTimeoutMs: MESSAGE_TIMEOUT_MS,
        maxRetryCount: NEVER_PARKED_BY_THE_STORE,
        strategy: 'by-stream',
      },
      { deliver: (delivery) => this.deliver(delivery), isSettled: () => this.channels.isEmpty },
    );
  }

  async stop(): Promise<void> {
    await this.consumer?.stop();
    this.consumer = undefined;
  }

  /** Records what an event comes to. @throws EventLogUnavailable, NewerEvent */
  async plan(recorded: RecordedEvent): Promise<void> {
    const channels = await this.channels.activeBefore(recorded.position);
    if (channels.length === 0) return;
    for (const told of await this.toldOf(recorded)) {
      for (const channel of channels) {
        const { events, filter } = channel.definition;
        if (isFor(events, filter, told)) await this.planFor(channel, told.notification, recorded);
      }
    }
  }

  private async deliver({ event, retryCount }: Delivery): Promise<Verdict> {
    try {
      await this.plan(event);
      return { kind: 'ack' };
    } catch (error) {
      const reason = messageOf(error);
      if (nameNewer(error, this.loops)) return leftToNewer(retryCount, reason);
      this.logger.warn(
        `${GROUP}: ${event.type} ${event.revision}@${event.streamId} failed (try ${retryCount + 1}), to be tried again: ${reason}`,
      );
      return { kind: 'retry', reason };
    }
  }

  private async toldOf(recorded: RecordedEvent): Promise<readonly Told[]> {
    const channelEvent = channelEventOf(recorded);
    if (channelEvent?.type === 'ChannelDisabled') return [toldOfDisabled(channelEvent.data)];
    const alertEvent = alertEventOf(recorded);
    if (alertEvent) return [toldOfAlert(alertEvent)];
    const event = workflowEventOf(recorded);
    const workflowId = workflowIdOf(recorded.streamId);
    if (!event || workflowId === undefined) return [];
    const { state, revision } = await this.runs.read(workflowId);
    // Nothing of a shadow happened.
    if (state.state === undefined || state.fork) return [];
    return notificationsOf(event, state, revision === recorded.revision);
  }

  private async planFor({ channelId }: Channel, notification: Notification, { id, streamId }: RecordedEvent): Promise<void> {
    const deliveryId = deliveryIdOf(channelId, id, notification.type);
    const cause = { ...bySystem('notifications'), of: streamId, eventId: id };
    const known = await this.deliveries.read(deliveryId);
    let { state } = known;
    if (!state) {
      const now = this.clock.now();
      const digestId = this.isTooMany(channelId) ? deliveryIdOf(channelId, 'digest', Math.floor(now / DIGEST_WINDOW_MS)) : undefined;
      const data = { channelId, notification, dueAt: new Date(now).toISOString(), ...(digestId === undefined ? {} : { digestId }) };
      state = (await this.deliveries.execute(deliveryId, [{ type: 'PlanDelivery', data }], cause, known)).delivery;
    }
    // Recorded first, so that a repeat goes the same way: whoever died in between is followed by one who adds it.
    const { digestId } = state;
    if (digestId === null) return;
    await this.adding.take(channelId, () => this.addTo(digestId, channelId, { of: deliveryId, notification }, cause));
  }

  private isTooMany(channelId: number): boolean {
    const elapsed = this.clock.elapsed();
    const recent = (this.recent.get(channelId) ?? []).filter((at) => at > elapsed - DIGEST_WINDOW_MS);
    this.recent.set(channelId, recent.length < DIGEST_FROM ? [...recent, elapsed] : recent);
    return recent.length >= DIGEST_FROM;
  }

  private async addTo(firstId: string, channelId: number, added: Listed, cause: DeliveryCause): Promise<void> {
    const last = this.digests.get(channelId);
    const { known } = last?.firstId === firstId ? last : { known: [] };
    this.digests.set(channelId, { firstId, known });
    for (let place = 0, digestId = firstId; ; digestId = deliveryIdOf(channelId, firstId, ++place)) {
      const before = known[place];
      // One that takes no more never will.
      if (before?.state && !takesMore(before.state) && !before.state.added.has(added.of)) continue;
      const { delivery, revision, position } = await this.deliveries.execute(
        digestId,
        [
          { type: 'PlanDelivery', data: { channelId, notification: this.digest(), dueAt: this.endOfWindow() } },
          { type: 'AddNotification', data: added },
        ],
        cause,
        before,
      );
      known[place] = { state: delivery, revision, position };
      if (delivery.added.has(added.of)) return;
    }
  }

  private digest(): Notification {
    return { type: 'digest', at: new Date(this.clock.now()).toISOString(), title: 'What happened', page: '/', data: {} };
  }

  private endOfWindow(): string {
    return new Date((Math.floor(this.clock.now() / DIGEST_WINDOW_MS) + 1) * DIGEST_WINDOW_MS).toISOString();
  }
}
