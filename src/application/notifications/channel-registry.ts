import { Inject, Injectable } from '@nestjs/common';
import {
  decideChannel,
  evolveChannels,
  type Channel,
  type ChannelCommand,
  type ChannelEvent,
  type Channels,
} from '../../domain/notification/channel.js';
import { FoldedStream } from '../folded-stream.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, type Actor, type EventLog, type RecordedEvent } from '../ports/event-log.js';
import { CHANNELS_STREAM, channelEventOf } from './channel-codec.js';

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
  private readonly stream: FoldedStream<Channels>;
  private readonly createdAt = new Map<number, bigint>();
  private readonly listeners = new Set<() => void>();
  private deciding = 0;
  /** Every channel that was made before this log position is known. */
  private covered = 0n;
  /** The last position that was asked about: it is in the log. */
  private asked = 0n;
  private covering: Promise<void> | undefined;

  constructor(
    @Inject(EVENT_LOG) log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.stream = new FoldedStream<Channels>(log, CHANNELS_STREAM, new Map(), (channels, event) => this.evolve(channels, event));
  }

  /** As the log has them now. @throws EventLogUnavailable */
  read(): Promise<Channels> {
    return this.stream.read();
  }

  /** Those that are active, and were there before the position. @throws EventLogUnavailable */
  async activeBefore(position: bigint): Promise<readonly Channel[]> {
    if (position > this.asked) this.asked = position;
    // One reading does for all that was asked about before it began.
    while (position > this.covered) await (this.covering ??= this.cover());
    const channels = [...this.stream.state.values()];
    return channels.filter(({ channelId, state }) => state === 'active' && this.createdAt.get(channelId)! < position);
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

  /** Log position of the first channel that ever was, as far as this process has read; undefined where there was none. */
  get firstMadeAt(): bigint | undefined {
    const [first] = this.createdAt.values();
    return first;
  }

  /** Whether there was such a channel, and there is none any more, as far as this process has read. */
  wasDeleted(channelId: number): boolean {
    return this.createdAt.has(channelId) && !this.stream.state.has(channelId);
  }

  /** Whether this process knows of none, nor is about to make one. */
  get isEmpty(): boolean {
    return this.stream.state.size === 0 && this.deciding === 0;
  }

  /** Calls back after this process has read that a channel changed. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
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
      const events = await this.stream.decide(
        async (channels) => {
          const command = typeof commandOf === 'function' ? await commandOf(channels) : commandOf;
          return decideChannel(channelId, command, channels, new Date(this.clock.now()).toISOString());
        },
        actor,
        `channel-${channelId}`,
      );
      return { channel: this.stream.state.get(channelId), position: this.stream.position, events };
    } finally {
      this.deciding--;
    }
  }

  private evolve(channels: Channels, recorded: RecordedEvent): Channels {
    const event = channelEventOf(recorded);
    if (!event) return channels;
    if (event.type === 'ChannelCreated') this.createdAt.set(event.data.channelId, recorded.position);
    for (const listener of this.listeners) listener();
    return evolveChannels(channels, event);
  }
}
