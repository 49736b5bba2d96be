import type { BackgroundLoops } from '../background-loops.js';
import { messageOf } from '../message-of.js';
import type { GroupConsumer } from '../ports/event-feed.js';
import type { Leases } from './leases.js';

/** A member of a consumer group for as long as this node holds its lease. Once it does not, the consumer leaves the group, and comes back when it holds one again. */
export class LeasedConsumer implements GroupConsumer {
  /** Undefined while it is away. */
  private member: GroupConsumer | undefined;
  private away: Promise<void> | undefined;
  private unlisten: (() => void) | undefined;
  private readonly over = new AbortController();

  /** @param loop how health calls a return that fails */
  constructor(
    private readonly loop: string,
    private readonly join: () => Promise<GroupConsumer>,
    private readonly leases: Leases,
    private readonly loops: BackgroundLoops,
  ) {}

  /** Resolves once it is in the group. @throws EventLogUnavailable */
  async start(): Promise<void> {
    this.member = await this.join();
    this.unlisten = this.leases.onLost(() => this.leave());
    if (!this.leases.isHeld()) this.leave();
  }

  get claim(): GroupConsumer['claim'] {
    const { member } = this;
    return member?.claim && ((eventId, verdict) => member.claim!(eventId, verdict));
  }

  async stop(): Promise<void> {
    await this.end();
    await this.member?.stop();
  }

  async abandon(): Promise<void> {
    await this.end();
    await this.member?.abandon();
  }

  private async end(): Promise<void> {
    this.unlisten?.();
    this.over.abort();
    await this.away;
  }

  private leave(): void {
    this.away ??= this.stayAway().finally(() => (this.away = undefined));
  }

  private async stayAway(): Promise<void> {
    const { member, leases, loops, loop } = this;
    const { signal } = this.over;
    this.member = undefined;
    await member?.abandon();
    while (!signal.aborted && !this.member) {
      await leases.nextLook(signal);
      if (signal.aborted || !leases.isHeld()) continue;
      try {
        this.member = await this.join();
        loops.goesOn(loop);
      } catch (fault) {
        loops.standsStill(loop, messageOf(fault));
      }
    }
    if (signal.aborted) loops.isOver(loop);
  }
}
