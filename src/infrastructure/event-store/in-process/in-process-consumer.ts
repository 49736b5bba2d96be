import {
  ALL_STREAM,
  GroupExistsError,
  uuidText,
  type Connection,
  type Consumer,
  type ConsumerGroup as Group,
  type ConsumerGroups,
  type EventRecord,
  type GroupDefinition,
} from '@lifeos/event-store-node';
import { messageOf } from '../../../application/message-of.js';
import type { ConsumerGroup, Delivery, GroupConsumer, GroupHandler, Verdict } from '../../../application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import type { BackgroundLoops } from '../../../application/background-loops.js';
import type { Logger } from '../../../application/ports/logger.js';
import { pause } from '../shared/backoff.js';
import { ConsumerWork, loopOf, type Handed, type RetryPauses } from '../shared/consumer-work.js';
import { PutAside, type PutAsidePauses } from '../shared/put-aside.js';
import { GROUP_SETTINGS, leastFar, strategyOf, timeoutOf, typePattern } from '../shared/group-settings.js';
import { recordedEvent } from './recorded-events.js';

export type ConsumerPauses = RetryPauses & PutAsidePauses;

/** Before a group is joined again where that failed, in milliseconds. */
const RECONNECT_PAUSE_MS = 1_000;

const definitionOf = ({ name, from = 0n, eventTypes, messageTimeoutMs, maxRetryCount, ...group }: ConsumerGroup): GroupDefinition => ({
  source: ALL_STREAM,
  group: name,
  start: Number(from),
  filter: { on: 'type', regex: typePattern(eventTypes), prefixes: [] },
  settings: {
    ...GROUP_SETTINGS,
    resolveLinks: false,
    extraStatistics: false,
    maxSubscriberCount: 0,
    messageTimeoutMs: timeoutOf(messageTimeoutMs),
    maxRetryCount,
    strategy: strategyOf(group),
  },
});

/** A consumer in a group of a node in this thread. Who changes or deletes the group from outside drops it; it comes back by itself. */
export class InProcessConsumer implements GroupConsumer {
  readonly #types: ReadonlySet<string>;
  readonly #definition: GroupDefinition;
  readonly #work: ConsumerWork;
  readonly #putAside: PutAside;
  /** Verdicts to come on events whose deliveries are to come to this consumer, by their ids. */
  readonly #claimed = new Map<string, Promise<Verdict>>();
  #joined: { readonly group: Group; readonly connection: Connection } | undefined;
  #left = false;

  constructor(
    private readonly group: ConsumerGroup,
    private readonly handler: GroupHandler,
    private readonly groups: ConsumerGroups,
    pauses: ConsumerPauses,
    private readonly logger: Logger,
    private readonly loops: BackgroundLoops,
    private readonly onLeave: (consumer: InProcessConsumer) => void,
  ) {
    this.#types = new Set(group.eventTypes);
    this.#definition = definitionOf(group);
    this.#putAside = new PutAside(pauses, () => this.#joined?.group.replayParked(Infinity));
    this.#work = new ConsumerWork(group, handler, pauses, messageOf);
  }

  /** @throws EventLogUnavailable */
  async join(): Promise<void> {
    try {
      await this.#connect(true);
    } catch (fault) {
      throw new EventLogUnavailable(`joining group ${this.group.name} failed: ${messageOf(fault)}`, { cause: fault });
    }
  }

  claim(eventId: string, verdict: Promise<Verdict>): () => void {
    this.#claimed.set(eventId, verdict);
    return () => this.#claimed.delete(eventId);
  }

  async stop(): Promise<void> {
    this.#work.stop(); // what waits stays outstanding until we leave, or it would come straight back
    await this.#work.settled();
    await this.abandon();
  }

  abandon(): Promise<void> {
    this.#work.stop();
    this.#left = true;
    this.#putAside.end();
    this.loops.isOver(loopOf(this.group));
    this.#joined?.group.disconnect(this.#joined.connection);
    this.#joined = undefined;
    this.onLeave(this);
    return Promise.resolve();
  }

  async #connect(joining: boolean): Promise<void> {
    const { source, group: name } = this.#definition;
    try {
      const start = this.group.replaces && this.#startAfter(this.group.replaces);
      await this.groups.create({ ...this.#definition, ...(start !== undefined && { start }) });
    } catch (fault) {
      if (!(fault instanceof GroupExistsError)) throw fault;
    }
    if (joining && !this.#hasItsSettings(this.groups.get(source, name))) await this.groups.update(this.#definition);
    if (this.#left) return;
    const group = this.groups.get(source, name);
    this.#joined = { group, connection: group.connect(this.#consumerIn(group)) };
    this.#putAside.begin();
  }

  /** Where the least far of those that it replaces had got to; undefined: at the log's start. */
  #startAfter(replaced: readonly string[]): number | undefined {
    const existing = this.groups.list(this.#definition.source);
    return leastFar(replaced.map((name) => existing.find(({ definition }) => definition.group === name)?.doneBefore));
  }

  #hasItsSettings({ definition: { settings } }: Group): boolean {
    const wanted = this.#definition.settings;
    return (Object.keys(wanted) as (keyof typeof wanted)[]).every((key) => settings[key] === wanted[key]);
  }

  #consumerIn(group: Group): Consumer {
    return {
      name: this.group.name,
      user: 'system',
      bufferSize: this.group.bufferSize,
      owns: ({ event }) => event !== undefined && this.#claimed.size > 0 && this.#claimed.has(uuidText(event.id)),
      settles: ({ event, link }) => !link && event !== undefined && this.#isSettled(event),
      send: ({ event, link }, retryCount) => {
        const id = (link ?? event)!.id;
        // Not of the asked types: the group was made with others.
        if (!event || !this.#types.has(event.type)) return group.acknowledge([id]);
        const handed = this.#handed(group, id, { event: recordedEvent(event), retryCount });
        const claim = this.#claimed.size > 0 ? uuidText(event.id) : '';
        const verdict = this.#claimed.get(claim);
        if (!verdict) return this.#work.take(handed);
        // The delivery stands for the claim now: if it is to come again, it is anybody's.
        this.#claimed.delete(claim);
        this.#work.attach(handed, verdict);
      },
      drop: () => this.#dropped(group),
    };
  }

  #isSettled(event: EventRecord): boolean {
    if (!this.#types.has(event.type) || !this.#says(event)) return false;
    if (this.#claimed.size > 0) this.#claimed.delete(uuidText(event.id));
    return true;
  }

  /** A handler that cannot say, e.g. because it does not understand the event, has it delivered: there what is wrong is dealt with. */
  #says(event: EventRecord): boolean {
    try {
      return this.handler.isSettled?.(recordedEvent(event)) ?? false;
    } catch {
      return false;
    }
  }

  #handed(group: Group, id: Buffer, delivery: Delivery): Handed {
    const isOpen = (): boolean => this.#joined?.group === group;
    return {
      delivery,
      get open() {
        return isOpen();
      },
      ack: () => {
        if (isOpen()) group.acknowledge([id]);
      },
      refuse: (action, reason) => {
        if (action === 'park') this.#putAside.more();
        if (isOpen()) group.refuse([id], action, reason);
      },
    };
  }

  async #connectAgain(): Promise<void> {
    while (!this.#left) {
      try {
        await this.#connect(false);
        return this.loops.goesOn(loopOf(this.group));
      } catch (fault) {
        this.loops.standsStill(loopOf(this.group), messageOf(fault));
        await pause(RECONNECT_PAUSE_MS, this.#work.stopping);
      }
    }
  }

  #dropped(group: Group): void {
    if (this.#joined?.group !== group) return;
    this.#joined = undefined;
    this.#work.dropClosed();
    if (this.#left) return;
    this.logger.warn(`consumer group ${this.group.name} was changed from outside: joining it again`);
    void this.#connectAgain();
  }
}
