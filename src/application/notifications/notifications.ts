import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '../message-of.js';
import type { Channel } from '../../domain/notification/channel.js';
import { GIVE_UP_AFTER_MS, MOST_IN_DIGEST, type Delivery, type TryOutcome } from '../../domain/notification/delivery.js';
import type { Notification } from '../../domain/notification/notification.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { Rounds } from '../execution/rounds.js';
import { nameNewer } from '../newer-event.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import {
  NOTIFICATION_SENDER,
  NOTIFICATION_SETTINGS,
  SECRET_STORE,
  type ChannelSecrets,
  type Message,
  type NotificationSender,
  type NotificationSettings,
  type SecretStore,
  type SendResult,
} from '../ports/notifications.js';
import {
  DELIVERIES_READER,
  READ_MODEL_PROGRESS,
  type DeliveriesReader,
  type DueDelivery,
  type ReadModelProgress,
} from '../ports/read-models.js';
import { bySystem } from '../workflow/cause.js';
import { ChannelRegistry } from './channel-registry.js';
import { ConfiguredChannels } from './configured-channels.js';
import { fingerprinted } from './fingerprinted.js';
import { DeliveryDecisions } from './delivery-decisions.js';
import { DeliveryPlanner } from './delivery-planner.js';

/** Messages under way at once in this process, … */
const AT_ONCE = 32;
/** … and of them to one channel: a receiver that is slow delays itself. */
const AT_ONCE_TO_CHANNEL = 4;
/** The read model is asked at least this often, in milliseconds: a lease may have run out. */
const LONGEST_WAIT_MS = 5_000;
/** … and at most this often. */
const SHORTEST_WAIT_MS = 50;
/** A channel whose secrets this node does not have is left to others for so long, in milliseconds. */
const LEFT_TO_OTHERS_MS = 30_000;
/** A delivery that a newer version of the engine has written to is left alone for so long, in milliseconds. */
const LEFT_TO_NEWER_MS = 60_000;
/** Secrets of a channel that the log does not know by then are of none, in milliseconds. */
const NEVER_RECORDED_MS = 60 * 60_000;
/** How long it is waited for the read model before a channel is disabled by it, in milliseconds. */
const CATCH_UP_MS = 5_000;

const CAUSE = bySystem('notifications');

/**
 * Sends what is planned. Whichever node records that it begins a try sends it; where it is not heard of again, another one does after a while, with the same id. Receivers that are away
 * delay nothing but their own messages.
 */
@Injectable()
export class Notifications {
  private readonly rounds: Rounds;
  private listening: readonly (() => void)[] = [];
  private readonly underWay = new Map<string, { readonly channelId: number; readonly work: Promise<void> }>();
  /** Channels whose secrets this node does not have: since when it knows, and until when it does not look again, by `Clock.elapsed`. */
  private readonly leftToOthers = new Map<number, { readonly since: number; readonly until: number }>();

  /** Deliveries that this version cannot read, and until when it does not try again, by `Clock.elapsed`. */
  private readonly leftToNewer = new Map<string, number>();

  constructor(
    private readonly planner: DeliveryPlanner,
    private readonly channels: ChannelRegistry,
    private readonly configured: ConfiguredChannels,
    private readonly deliveries: DeliveryDecisions,
    @Inject(DELIVERIES_READER) private readonly reader: DeliveriesReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    @Inject(NOTIFICATION_SENDER) private readonly sender: NotificationSender,
    @Inject(SECRET_STORE) private readonly secrets: SecretStore,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    @Inject(NOTIFICATION_SETTINGS) private readonly settings: NotificationSettings,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
  ) {
    this.rounds = new Rounds(loops, {
      name: 'sending notifications',
      longestWaitMs: LONGEST_WAIT_MS,
      shortestWaitMs: SHORTEST_WAIT_MS,
      round: async () => {
        await this.channels.read();
        await this.configured.takeOver();
        await this.planner.joinIfNeeded();
        return this.sendDue();
      },
    });
  }

  async start(): Promise<void> {
    await this.tidySecrets().catch((error: unknown) =>
      this.logger.warn(`secrets of former channels were not removed: ${messageOf(error)}`),
    );
    const wake = (): void => this.rounds.wake();
    this.listening = [this.progress.onCommit(wake, ['deliveries']), this.channels.onChange(wake)];
    this.rounds.start();
  }

  /** Waits for messages under way: none takes longer than its time limit. */
  async stop(): Promise<void> {
    for (const unlisten of this.listening) unlisten();
    await this.rounds.stop();
    await this.planner.stop();
    await this.idle();
  }

  /** Removes the secrets of channels that were deleted, or never recorded, by a process that died before it could. */
  async tidySecrets(): Promise<void> {
    const channels = await this.channels.read();
    // Of a channel that the log does not know another process may be about to record it.
    await this.secrets.tidy(
      (channelId, ageMs) => channels.has(channelId) || (!this.channels.wasDeleted(channelId) && ageMs < NEVER_RECORDED_MS),
    );
  }

  /** Resolves when no message is under way. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all([...this.underWay.values()].map(({ work }) => work));
  }

  /** One round. Begins what is due, and answers with the milliseconds until there should be another. */
  async sendDue(): Promise<number> {
    const now = this.clock.now();
    const channels = await this.channels.read();
    const held = [...channels.keys()].filter((channelId) => this.isHeld(channelId));
    const disabled = [...channels.values()].filter(({ state }) => state === 'disabled').map(({ channelId }) => channelId);
    const room = AT_ONCE - this.underWay.size;
    if (room <= 0) return LONGEST_WAIT_MS;
    for (const [deliveryId, until] of this.leftToNewer) if (until <= this.clock.elapsed()) this.leftToNewer.delete(deliveryId);
    const next = await this.reader.due(held, disabled, [...this.underWay.keys(), ...this.leftToNewer.keys()], room + 1);
    let begun = 0;
    for (const due of next.slice(0, room)) {
      const { channelId, dueAt } = due;
      if (Date.parse(dueAt) > now) return Math.min(LONGEST_WAIT_MS, Date.parse(dueAt) - now);
      if (this.countTo(channelId) >= AT_ONCE_TO_CHANNEL) continue;
      this.begin(due, channels.get(channelId));
      begun++;
    }
    return begun > 0 && next.length > room ? SHORTEST_WAIT_MS : LONGEST_WAIT_MS;
  }

  /** Whether not even a test of the channel can be sent now. */
  private isHeld(channelId: number): boolean {
    return (this.leftToOthers.get(channelId)?.until ?? 0) > this.clock.elapsed() || this.countTo(channelId) >= AT_ONCE_TO_CHANNEL;
  }

  private countTo(channelId: number): number {
    return [...this.underWay.values()].filter((one) => one.channelId === channelId).length;
  }

  private begin(due: DueDelivery, channel: Channel | undefined): void {
    const { deliveryId, channelId } = due;
    const work = this.deliver(due, channel)
      .catch((error: unknown) => {
        if (nameNewer(error, this.loops)) this.leftToNewer.set(deliveryId, this.clock.elapsed() + LEFT_TO_NEWER_MS);
        else this.logger.warn(`delivery ${deliveryId} will be tried again: ${messageOf(error)}`);
      })
      .finally(() => {
        this.underWay.delete(deliveryId);
        this.rounds.wake();
      });
    this.underWay.set(deliveryId, { channelId, work });
  }

  private async deliver({ deliveryId, dueAt }: DueDelivery, channel: Channel | undefined): Promise<void> {
    if (!channel) {
      await this.deliveries.execute(deliveryId, [{ type: 'DropDelivery', data: { reason: 'the channel was deleted' } }], CAUSE);
      return;
    }
    const secrets = await this.secretsOf(channel);
    if (!secrets) {
      await this.leaveToOthers(deliveryId, dueAt, channel.channelId);
      return;
    }
    this.leftToOthers.delete(channel.channelId);
    const begun = await this.deliveries.execute(deliveryId, [{ type: 'BeginTry', data: { worker: this.settings.worker } }], CAUSE);
    // Another node has begun it, or is done with it.
    if (begun.events.length === 0) return;
    const result = await this.send(channel, secrets, begun.delivery);
    await this.record(channel, begun.delivery, result);
  }

  /** Undefined where this node has none, or none that count: another node has changed them since. */
  private async secretsOf({ channelId, fingerprint }: Channel): Promise<ChannelSecrets | undefined> {
    const secrets = await this.secrets.get(channelId);
    if (!secrets) return undefined;
    const { address, former } = secrets;
    // They are on disk before they are recorded: as long as they are not, the former ones count.
    const known: readonly ChannelSecrets[] = [secrets, ...(former ? [{ address, secret: former.secret }] : [])];
    const recorded = (as: string): ChannelSecrets | undefined => known.find((one) => this.fingerprint(fingerprinted(one)) === as);
    const found = recorded(fingerprint);
    if (found) return found;
    const now = (await this.channels.read()).get(channelId);
    return now && recorded(now.fingerprint);
  }

  /** But for a message that nobody could begin a try of for a day: it is given up. */
  private async leaveToOthers(deliveryId: string, dueAt: string, channelId: number): Promise<void> {
    const elapsed = this.clock.elapsed();
    const since = this.leftToOthers.get(channelId)?.since ?? elapsed;
    const dayAgo = this.clock.now() - GIVE_UP_AFTER_MS;
    if (elapsed - since >= GIVE_UP_AFTER_MS && Date.parse(dueAt) <= dayAgo) {
      const data = { reason: 'no node has had the secrets of its channel for a day', dueUntil: new Date(dayAgo).toISOString() };
      await this.deliveries.execute(deliveryId, [{ type: 'DropDelivery', data }], CAUSE);
      return;
    }
    if (!this.leftToOthers.has(channelId))
      this.logger.warn(`this node does not have the secrets of channel ${channelId}: its messages are left to other nodes`);
    this.leftToOthers.set(channelId, { since, until: elapsed + LEFT_TO_OTHERS_MS });
  }

  private async send({ definition }: Channel, secrets: ChannelSecrets, delivery: Delivery): Promise<SendResult> {
    try {
      return await this.sender.send(definition.kind, secrets, this.messageOf(delivery));
    } catch {
      // What it says may have the address in it.
      return { kind: 'failed', error: 'the message could not be sent' };
    }
  }

  private messageOf({ deliveryId, notification, added }: Delivery): Message {
    const linkOf = ({ page }: Notification): string => `${this.settings.origin()}${page}`;
    return {
      id: deliveryId,
      notification: added.length === 0 ? notification : { ...notification, title: `${added.length} notifications` },
      link: linkOf(notification),
      added: added.first(MOST_IN_DIGEST).map((one) => ({ notification: one.notification, link: linkOf(one.notification) })),
      addedCount: added.length,
      sentAt: new Date(this.clock.now()).toISOString(),
    };
  }

  private async record(channel: Channel, { deliveryId, tries }: Delivery, result: SendResult): Promise<void> {
    const { statusCode } = result;
    const outcome: TryOutcome = {
      ...(statusCode === undefined ? {} : { statusCode }),
      ...(result.kind === 'failed' ? { error: result.error } : {}),
    };
    if (result.kind === 'sent') {
      await this.deliveries.execute(deliveryId, [{ type: 'RecordSuccess', data: { try: tries, outcome } }], CAUSE);
      return;
    }
    const { retryAfterMs, isGone = false } = result;
    const data = {
      ...{ try: tries, outcome, jitter: Math.random(), isFinal: isGone },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
    const { delivery, events } = await this.deliveries.execute(deliveryId, [{ type: 'RecordFailure', data }], CAUSE);
    if (!events.some(({ type }) => type === 'DeliveryGivenUp') || delivery.notification.type === 'test') return;
    if (isGone) await this.disable(channel, `the receiver answered that it is gone (${statusCode})`);
    else if (await this.neverSucceededSince(channel, delivery.firstTriedAt!))
      await this.disable(channel, 'nothing could be delivered for a day');
  }

  /** Of a channel that was there, and active, all the time. */
  private async neverSucceededSince({ channelId, activeSince }: Channel, time: string): Promise<boolean> {
    if (activeSince > time) return false;
    if (!(await this.progress.waitFor(await this.log.headPosition(), CATCH_UP_MS, ['deliveries']))) return false;
    const last = await this.reader.lastSuccessAt(channelId);
    return last === null || last < time;
  }

  private async disable({ channelId, definition }: Channel, reason: string): Promise<void> {
    const { events } = await this.channels.execute(channelId, { type: 'DisableChannel', data: { reason } }, CAUSE.actor);
    if (events.length === 0) return;
    this.logger.error(
      `channel ${channelId} (${definition.kind}, ${definition.destination}) is disabled: ${reason}. Enable it once its receiver answers.`,
    );
  }
}
