import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '../../domain/json.js';
import {
  decideChannel,
  evolveChannels,
  isChannelEventType,
  type Channel,
  type ChannelCommand,
  type ChannelEvent,
  type Channels,
} from '../../domain/notification/channel.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, RevisionConflict, type Actor, type EventLog, type RecordedEvent } from '../ports/event-log.js';
import { SCHEMA_VERSION } from '../workflow/workflow-codec.js';

/** Where channels are recorded: never rename. */
export const CHANNELS_STREAM = 'notification-channels';

export interface DecidedChannel {
  /** Undefined: it is deleted. */
  readonly channel: Channel | undefined;
  /** Log position of the last event of all channels. */
  readonly position: bigint;
  readonly events: readonly ChannelEvent[];
}

/** Every channel, by one stream: they are few, and whoever plans a notification has to know all that were there before what it is about. */
@Injectable()
export class ChannelRegistry {
  private channels: Channels = new Map();
  private readonly createdAt = new Map<number, bigint>();
  private revision = -1;
  private position = 0n;
  private deciding = 0;
  /** Every channel that was made before this log position is known. */
  private covered = 0n;
  /** The last position that was asked about: it is in the log. */
  private asked = 0n;
  private covering: Promise<void> | undefined;

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** As the log has them now. @throws EventLogUnavailable */
  async read(): Promise<Channels> {
    for await (const event of this.log.readStream(CHANNELS_STREAM, { from: this.revision + 1 })) this.apply(event);
    return this.channels;
  }

  /** Those that are active, and were there before the position. @throws EventLogUnavailable */
  async activeBefore(position: bigint): Promise<readonly Channel[]> {
    if (position > this.asked) this.asked = position;
    // One reading does for all that was asked about before it began.
    while (position > this.covered) await (this.covering ??= this.cover());
    return [...this.channels.values()].filter(({ channelId, state }) => state === 'active' && this.createdAt.get(channelId)! < position);
  }

  private async cover(): Promise<void> {
    const upTo = this.asked;
    try {
      await this.read();
      this.covered = upTo;
    } finally {
      this.covering = undefined;
    }
  }

  /** Whether there was such a channel, and there is none any more, as far as this process has read. */
  wasDeleted(channelId: number): boolean {
    return this.createdAt.has(channelId) && !this.channels.has(channelId);
  }

  /** Whether this process knows of none, nor is about to make one. */
  get isEmpty(): boolean {
    return this.channels.size === 0 && this.deciding === 0;
  }

  /**
   * Decides, and again where another process was quicker.
   * @param commandOf the command, or what makes it of the channels as they are: again each time it is decided
   * @throws DomainError channel.*; EventLogUnavailable
   */
  async execute(
    channelId: number,
    commandOf: ChannelCommand | ((channels: Channels) => Promise<ChannelCommand>),
    actor: Actor,
  ): Promise<DecidedChannel> {
    this.deciding++;
    try {
      for (;;) {
        const channels = await this.read();
        const revision = this.revision;
        const command = typeof commandOf === 'function' ? await commandOf(channels) : commandOf;
        const events = decideChannel(channelId, command, channels, new Date(this.clock.now()).toISOString());
        if (events.length > 0 && !(await this.append(channelId, events, actor, revision))) continue;
        return { channel: this.channels.get(channelId), position: this.position, events };
      }
    } finally {
      this.deciding--;
    }
  }

  /** False: another process was quicker. */
  private async append(channelId: number, events: readonly ChannelEvent[], actor: Actor, revision: number): Promise<boolean> {
    const commandId = randomUUID();
    const metadata = { $correlationId: `channel-${channelId}`, commandId, actor, schemaVersion: SCHEMA_VERSION };
    const recorded = events.map(({ type, data }) => ({ id: randomUUID(), type, data: data as unknown as JsonObject, metadata }));
    try {
      await this.log.append(CHANNELS_STREAM, recorded, revision < 0 ? 'no-stream' : revision);
    } catch (error) {
      if (error instanceof RevisionConflict) return false;
      throw error;
    }
    await this.read();
    return true;
  }

  private apply({ revision, position, type, data }: RecordedEvent): void {
    if (revision <= this.revision) return;
    this.revision = revision;
    this.position = position;
    if (!isChannelEventType(type)) return;
    const event = { type, data } as unknown as ChannelEvent;
    this.channels = evolveChannels(this.channels, event);
    if (type === 'ChannelCreated') this.createdAt.set(event.data.channelId, position);
  }
}
