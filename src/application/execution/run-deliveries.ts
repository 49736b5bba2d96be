import { Inject, Injectable } from '@nestjs/common';
import type { WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import { LEASES, type Leases } from '../nodes/leases.js';
import { EVENT_FEED, type Delivery, type EventFeed, type GroupConsumer, type GroupHandler, type Verdict } from '../ports/event-feed.js';
import type { RecordedEvent } from '../ports/event-log.js';
import { NEVER_PARKED_BY_THE_STORE } from '../parking/event-parking.js';
import { workflowStream } from '../workflow/workflow-codec.js';
import { STOPPING } from '../verdicts.js';

/** Consumer group: never rename. */
export const RUNS_GROUP = 'runs';
/** What the group is made with: another list needs another name. */
export const RUNS_EVENTS = [
  'WorkflowPlanned',
  'StepReady',
  'StepSucceeded',
  'StepSkipped',
  'ApprovalGranted',
  'StepRetryRequested',
  'WorkflowResumed',
  'StartTimeReached',
] as const satisfies readonly WorkflowEventType[];
export type RunsEvent = (typeof RUNS_EVENTS)[number];
/** Names under which earlier versions took the same events. */
const EARLIER_GROUPS = ['advance-run', 'continue-run', 'step-executor'];
/** Deliveries in work at once: more than ready steps that wait here (`MOST_WAITING`), so that these keep nothing else from going on. */
const IN_WORK = 16_384;
/** A run whose events came to this node is taken to be its own for so long after the last one, in milliseconds. */
const OWN_FOR_MS = 30_000;

/** Somebody who deals with some of the events. */
export interface Attached {
  /** Takes no more deliveries. Resolves once those in work have their verdicts. */
  detach(): Promise<void>;
}

interface Part {
  readonly handler: GroupHandler;
  readonly inWork: Set<Promise<Verdict>>;
}

/** The runs whose events came to this node of late: the store gives all events of a run to one consumer, as long as the consumers stay the same. */
class OwnRuns {
  private readonly seen = new Map<string, number>();

  note(streamId: string): void {
    const now = performance.now();
    this.seen.delete(streamId);
    this.seen.set(streamId, now);
    for (const [oldest, at] of this.seen) {
      if (now - at < OWN_FOR_MS) return;
      this.seen.delete(oldest);
    }
  }

  has(streamId: string): boolean {
    const at = this.seen.get(streamId);
    return at !== undefined && performance.now() - at < OWN_FOR_MS;
  }
}

/**
 * Takes from the store what makes runs go on and the steps that are ready, in one consumer group, pinned by stream: all that is to be done in a run is done by one node, which knows the run, and
 * nodes do not write to one run at the same time (ADR 29). Each kind of event goes to whoever attached itself for it; what nobody is there for yet waits.
 */
@Injectable()
export class RunDeliveries {
  private readonly parts = new Map<string, Part>();
  private readonly own = new OwnRuns();
  private consumer: GroupConsumer | undefined;
  private joining: Promise<GroupConsumer> | undefined;
  private waiting: (() => void)[] = [];
  private isLeaving = false;
  /** Deliveries in work of all but steps, which may take long. */
  private readonly brief = new Set<Promise<Verdict>>();

  constructor(
    @Inject(EVENT_FEED) private readonly feed: EventFeed,
    @Inject(LEASES) private readonly leases: Leases,
  ) {}

  /** Resolves once this node is in the group. @throws EventLogUnavailable */
  async attach(eventTypes: readonly RunsEvent[], handler: GroupHandler): Promise<Attached> {
    const part: Part = { handler, inWork: new Set() };
    for (const type of eventTypes) this.parts.set(type, part);
    this.isLeaving = false;
    this.wake();
    try {
      this.joining ??= this.join();
      this.consumer = await this.joining;
    } catch (fault) {
      this.joining = undefined;
      await this.detach(eventTypes, part);
      throw fault;
    }
    return { detach: () => this.detach(eventTypes, part) };
  }

  /** Whether the delivery of an event that this process is about to append to the run comes to this process, as far as it can tell. */
  isOwn(workflowId: number): boolean {
    const { consumer } = this;
    return consumer !== undefined && this.leases.isHeld() && (consumer.claim !== undefined || this.own.has(workflowStream(workflowId)));
  }

  /** Says that this process is at work on an event that is about to be appended, and with what its delivery is to be answered. Answers with how to take that back. */
  claim(eventId: string, verdict: Promise<Verdict>): () => void {
    return this.consumer?.claim?.(eventId, verdict) ?? (() => undefined);
  }

  private join(): Promise<GroupConsumer> {
    const group = {
      name: RUNS_GROUP,
      replaces: EARLIER_GROUPS,
      eventTypes: RUNS_EVENTS,
      bufferSize: IN_WORK,
      messageTimeoutMs: 0,
      maxRetryCount: NEVER_PARKED_BY_THE_STORE,
      strategy: 'by-stream',
    } as const;
    return this.feed.join(group, {
      deliver: (delivery) => this.deliver(delivery),
      isSettled: (event) => this.isSettled(event),
    });
  }

  private async deliver(delivery: Delivery): Promise<Verdict> {
    this.own.note(delivery.event.streamId);
    for (;;) {
      const part = this.parts.get(delivery.event.type);
      if (part) return this.hand(delivery, part);
      if (this.isLeaving) return STOPPING;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private async hand(delivery: Delivery, { handler, inWork }: Part): Promise<Verdict> {
    const verdict = handler.deliver(delivery);
    inWork.add(verdict);
    if (delivery.event.type !== 'StepReady') this.brief.add(verdict);
    try {
      return await verdict;
    } finally {
      inWork.delete(verdict);
      this.brief.delete(verdict);
    }
  }

  private isSettled(event: RecordedEvent): boolean {
    return this.parts.get(event.type)?.handler.isSettled?.(event) ?? false;
  }

  private async detach(eventTypes: readonly string[], part: Part): Promise<void> {
    for (const type of eventTypes) if (this.parts.get(type) === part) this.parts.delete(type);
    const { consumer } = this;
    if (this.parts.size === 0 && consumer) {
      this.consumer = undefined;
      this.joining = undefined;
      const left = this.leases.isShared ? this.leave(consumer) : consumer.stop();
      this.isLeaving = true;
      this.wake();
      await left;
    }
    await Promise.allSettled(part.inWork);
  }

  /** What runs here still goes on, and others leave it to this node for as long as its lease; they have all else at once. */
  private async leave(consumer: GroupConsumer): Promise<void> {
    await Promise.allSettled(this.brief);
    await consumer.abandon();
  }

  private wake(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }
}
