import type { BackgroundLoops } from '../background-loops.js';
import { messageOf } from '../message-of.js';
import type { Delivery, GroupConsumer, GroupHandler, Verdict } from '../ports/event-feed.js';
import { STOPPING } from '../verdicts.js';
import type { Leases } from './leases.js';

/** A member of a consumer group for as long as this node holds its lease. Once it does not, the consumer leaves the group, and comes back when it holds one again. */
export class LeasedConsumer implements GroupConsumer {
  /** Undefined while it is away. */
  private member: GroupConsumer | undefined;
  private unlisten: (() => void) | undefined;
  private readonly over = new AbortController();
  /** Of deliveries to this consumer, those of former memberships among them. */
  private readonly inWork = new Set<Promise<Verdict>>();

  /** @param loop how health calls a return that fails */
  constructor(
    private readonly loop: string,
    private readonly handler: GroupHandler,
    private readonly join: (handler: GroupHandler) => Promise<GroupConsumer>,
    private readonly leases: Leases,
    private readonly loops: BackgroundLoops,
  ) {}

  /** Resolves once it is in the group. @throws EventLogUnavailable */
  async start(): Promise<void> {
    this.member = await this.enter();
    this.unlisten = this.leases.onLost(() => void this.leave());
    if (!this.leases.isHeld()) void this.leave();
  }

  get claim(): GroupConsumer['claim'] {
    const { member } = this;
    return member?.claim && ((eventId, verdict) => member.claim!(eventId, verdict));
  }

  async stop(): Promise<void> {
    await this.end()?.stop();
    await Promise.allSettled(this.inWork);
  }

  async abandon(): Promise<void> {
    await this.end()?.abandon();
  }

  private enter(): Promise<GroupConsumer> {
    const { handler } = this;
    return this.join({
      deliver: (delivery) => this.deliver(delivery),
      ...(handler.isSettled && { isSettled: (event) => handler.isSettled!(event) }),
    });
  }

  private async deliver(delivery: Delivery): Promise<Verdict> {
    if (this.over.signal.aborted) return STOPPING;
    const verdict = this.handler.deliver(delivery);
    this.inWork.add(verdict);
    try {
      return await verdict;
    } finally {
      this.inWork.delete(verdict);
    }
  }

  /** Nothing is waited for: a store that is away would keep whoever stops. */
  private end(): GroupConsumer | undefined {
    const { member } = this;
    this.unlisten?.();
    this.over.abort();
    this.member = undefined;
    return member;
  }

  private async leave(): Promise<void> {
    const { member } = this;
    // It is away, or on its way back: then it looks at the lease once more when it is there.
    if (!member) return;
    this.member = undefined;
    await member.abandon();
    await this.comeBack();
  }

  private async comeBack(): Promise<void> {
    const { leases, loops, loop } = this;
    const { signal } = this.over;
    for (;;) {
      await leases.nextLook(signal);
      if (signal.aborted) return loops.isOver(loop);
      if (!leases.isHeld()) continue;
      try {
        const member = await this.enter();
        if (!signal.aborted && leases.isHeld()) {
          this.member = member;
          return loops.goesOn(loop);
        }
        await member.abandon();
      } catch (fault) {
        if (!signal.aborted) loops.standsStill(loop, messageOf(fault));
      }
    }
  }
}
