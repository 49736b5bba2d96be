import type { ConsumerGroup, GroupConsumer, GroupHandler, Verdict } from '../../src/application/ports/event-feed.js';
import type { Random } from './random.js';
import type { SimulatedLog, StoredEvent } from './simulated-log.js';
import { WORLD, type Owner, type VirtualClock } from './virtual-clock.js';

/** An event on its way through a group. The token names one delivery of it: a verdict on an earlier one counts no more. */
interface Entry {
  readonly event: StoredEvent;
  retryCount: number;
  token: number;
}

/** A process in a group. */
interface Member {
  readonly group: ConsumerGroup;
  readonly handler: GroupHandler;
  readonly owner: Owner;
  /** It runs in the store's own process, which asks it before it hands out an event. */
  readonly isEmbedded: boolean;
  readonly held: Set<Entry>;
  readonly claims: Map<string, Promise<Verdict>>;
  readonly working: Set<Promise<void>>;
  isConnected: boolean;
  isStopping: boolean;
}

interface Group {
  readonly name: string;
  readonly types: ReadonlySet<string>;
  readonly members: Member[];
  waiting: Entry[];
  seen: number;
  /** When the last event of a stream comes: within a stream a group keeps the order, at first. */
  readonly arrivals: Map<string, number>;
}

const ACKNOWLEDGED: Verdict = { kind: 'ack' };
const LONGEST_PAUSE_MS = 2_000;

const hashOf = (text: string): number => [...text].reduce((hash, sign) => (hash * 31 + sign.charCodeAt(0)) >>> 0, 7);

/** The store's consumer groups: each event goes to one of the members, and to another one where it is not acknowledged. */
export class SimulatedGroups {
  private readonly groups = new Map<string, Group>();
  private tokens = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly log: SimulatedLog,
  ) {
    log.listeners.push(() => this.groups.forEach((group) => this.readOn(group)));
  }

  join(definition: ConsumerGroup, handler: GroupHandler, owner: Owner, isEmbedded: boolean): GroupConsumer {
    const { name, eventTypes } = definition;
    const group = this.groups.get(name) ?? {
      name,
      types: new Set(eventTypes),
      members: [],
      waiting: [],
      seen: 0,
      arrivals: new Map<string, number>(),
    };
    this.groups.set(name, group);
    const member: Member = {
      group: definition,
      handler,
      owner,
      isEmbedded,
      held: new Set(),
      claims: new Map(),
      working: new Set(),
      isConnected: true,
      isStopping: false,
    };
    group.members.push(member);
    this.readOn(group);
    this.clock.plan(0, WORLD, () => this.handOut(group));
    const claim = (eventId: string, verdict: Promise<Verdict>) => {
      member.claims.set(eventId, verdict);
      return () => void member.claims.delete(eventId);
    };
    return {
      ...(isEmbedded && { claim }),
      stop: async () => {
        member.isStopping = true;
        while (member.working.size > 0) await Promise.all(member.working);
        this.clock.plan(1, WORLD, () => this.leave(group, member));
      },
      abandon: () => {
        this.leave(group, member);
        return Promise.resolve();
      },
    };
  }

  /** The store notices that a process has gone: what it had goes to others. */
  forget(owner: Owner): void {
    for (const group of this.groups.values())
      for (const member of group.members.filter((one) => one.owner === owner)) this.leave(group, member);
  }

  /** A process loses its connections, and what it has is delivered again, while it goes on with it. */
  disconnect(owner: Owner, forMs: number): void {
    for (const group of this.groups.values())
      for (const member of group.members.filter((one) => one.owner === owner && !one.isEmbedded)) {
        this.takeBack(group, member);
        this.clock.plan(forMs, WORLD, () => {
          member.isConnected = true;
          this.handOut(group);
        });
      }
  }

  /** Delivers again what has been acknowledged, as a store does that lost the last checkpoint of a group. */
  repeat(eventCount: number): void {
    for (const group of this.groups.values()) {
      const events = this.log.events.filter(({ type }) => group.types.has(type)).slice(-eventCount);
      const isAtWork = (event: StoredEvent): boolean =>
        group.waiting.some((entry) => entry.event === event) ||
        group.members.some(({ held }) => [...held].some((entry) => entry.event === event));
      for (const event of events) if (!isAtWork(event)) group.waiting.push({ event, retryCount: 0, token: 0 });
      this.handOut(group);
    }
  }

  private readOn(group: Group): void {
    const { events } = this.log;
    for (; group.seen < events.length; group.seen++) {
      const event = events[group.seen]!;
      if (!group.types.has(event.type)) continue;
      const lag = this.random.chance(0.05) ? this.random.between(50, 800) : this.random.between(0.1, 6);
      const at = Math.max(this.clock.elapsed() + lag, group.arrivals.get(event.streamId) ?? 0);
      group.arrivals.set(event.streamId, at);
      this.clock.plan(at - this.clock.elapsed(), WORLD, () => {
        group.waiting.push({ event, retryCount: 0, token: 0 });
        this.handOut(group);
      });
    }
  }

  private handOut(group: Group): void {
    const left: Entry[] = [];
    const { waiting } = group;
    group.waiting = [];
    for (const entry of waiting) {
      const member = this.memberFor(group, entry);
      if (member) this.deliver(group, member, entry);
      else left.push(entry);
    }
    group.waiting.push(...left);
  }

  private memberFor({ members }: Group, { event }: Entry): Member | undefined {
    const connected = members.filter(({ isConnected, isStopping }) => isConnected && !isStopping);
    const claiming = connected.find(({ claims }) => claims.has(event.id));
    if (claiming) return claiming;
    const hasPlace = (member: Member): boolean => member.held.size < member.group.bufferSize;
    if (connected[0]?.group.strategy === 'by-stream') {
      const pinned = connected[hashOf(event.streamId) % connected.length]!;
      return hasPlace(pinned) ? pinned : undefined;
    }
    const free = connected.filter(hasPlace);
    return free.length === 0 ? undefined : this.random.of(free);
  }

  private deliver(group: Group, member: Member, entry: Entry): void {
    const { handler, owner, claims, held, isEmbedded } = member;
    const { event, retryCount } = entry;
    const token = ++this.tokens;
    entry.token = token;
    if (isEmbedded && owner.alive && handler.isSettled?.(event)) {
      claims.delete(event.id);
      return;
    }
    held.add(entry);
    const { messageTimeoutMs } = member.group;
    if (messageTimeoutMs > 0)
      this.clock.plan(messageTimeoutMs, WORLD, () => this.settle(group, member, entry, token, { kind: 'retry', reason: 'timed out' }));
    this.clock.plan(this.random.between(0.1, 2), owner, () => {
      if (entry.token !== token || member.isStopping) return;
      const claimed = claims.get(event.id);
      claims.delete(event.id);
      const verdict = claimed ?? handler.deliver({ event, retryCount });
      const work: Promise<void> = verdict
        .catch((): Verdict => ({ kind: 'retry', reason: 'the handler failed' }))
        .then((said) => {
          member.working.delete(work);
          const pause = said.kind === 'ack' ? 0 : Math.min(LONGEST_PAUSE_MS, 20 * 2 ** Math.min(retryCount, 16));
          this.clock.plan(pause + this.random.between(0.1, 2), WORLD, () => this.settle(group, member, entry, token, said));
        });
      member.working.add(work);
    });
  }

  private settle(group: Group, member: Member, entry: Entry, token: number, verdict: Verdict): void {
    if (entry.token !== token) return;
    member.held.delete(entry);
    entry.token = 0;
    if (verdict.kind !== ACKNOWLEDGED.kind) {
      entry.retryCount += 1;
      group.waiting.push(entry);
    }
    this.handOut(group);
  }

  private takeBack(group: Group, member: Member): void {
    member.isConnected = false;
    for (const entry of member.held) {
      entry.token = 0;
      entry.retryCount += 1;
      group.waiting.push(entry);
    }
    member.held.clear();
    this.handOut(group);
  }

  private leave(group: Group, member: Member): void {
    const at = group.members.indexOf(member);
    if (at >= 0) group.members.splice(at, 1);
    this.takeBack(group, member);
  }
}
