import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '../message-of.js';
import type { StepReady } from '../../domain/workflow/events/workflow-events.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { firstShapesOf, readerOf } from '../newer-event.js';
import { LEASES, type Leases } from '../nodes/leases.js';
import { OwnStream } from '../nodes/own-stream.js';
import { NEVER_PARKED_BY_THE_STORE } from '../parking/event-parking.js';
import { EVENT_FEED, type EventFeed, type GroupConsumer, type Verdict } from '../ports/event-feed.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { bySystem } from '../workflow/cause.js';
import { EXECUTOR_SETTINGS, type ExecutorSettings } from './executor-settings.js';
import { keyOf } from './attempt.js';
import { Rounds } from './rounds.js';
import { ACK } from '../verdicts.js';

/** A ready step that waits for a place at the node that its run's events come to. */
export interface StepOffered extends Pick<StepReady, 'workflowId' | 'stepId' | 'attempt' | 'tool'> {
  readonly toolVersion: string;
  /** Id of the event that made it ready. */
  readonly readyId: string;
}

/** Streams in which nodes offer steps, one for each start of a node: never rename. */
const STREAM_PREFIX = 'step-offers-';
/** Consumer group: never rename. */
const GROUP = 'step-offers';
export const OFFER_SHAPES = firstShapesOf(['StepOffered']);
export const stepOfferOf = readerOf<{ readonly type: 'StepOffered'; readonly data: StepOffered }>(
  (streamId) => streamId.startsWith(STREAM_PREFIX),
  OFFER_SHAPES,
);

/** A step is offered once it has waited so long, in milliseconds: where calls are quick there is a place soon. */
const OFFERED_AFTER_MS = 1_000;
/** … and again while it waits: who got the offer may have had no room for it, and nodes come. In milliseconds; the time between doubles. */
const OFFERED_AGAIN_AFTER_MS = 5_000;
const OFFERED_AGAIN_AT_LATEST_MS = 60_000;
/** Between two appends of offers, in milliseconds: what is full everywhere is not to be offered more often than it can be taken. */
const PAUSE_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Offers in one append at most. */
const AT_ONCE = 100;
/** Offers that stay readable: one that nobody took up so long is of no use to anybody. */
const KEPT = 500;
/** Offers that a node holds for each of its places. */
const FOR_EACH_PLACE = 2;

/**
 * All events of a run come to one node, which may have more ready steps than places while others have room. What has waited for a while is offered to them, in a consumer group in which whoever has room gets the
 * next one. An offer is a hint: the step's own delivery stays where it is, and its start in the log decides who runs it.
 */
@Injectable()
export class StepOffers {
  private readonly stream: OwnStream;
  private readonly rounds: Rounds;
  /** Offers that are to be made, by their attempts. */
  private readonly waiting = new Map<string, StepOffered>();
  private consumer: GroupConsumer | undefined;

  constructor(
    @Inject(EVENT_FEED) private readonly feed: EventFeed,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LEASES) private readonly leases: Leases,
    @Inject(EXECUTOR_SETTINGS) private readonly settings: ExecutorSettings,
    @Inject(BACKGROUND_LOOPS) loops: BackgroundLoops,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.stream = new OwnStream(log, this.streamId, bySystem(settings.worker).actor, KEPT);
    this.rounds = new Rounds(loops, {
      name: 'offering steps to other nodes',
      longestWaitMs: LONGEST_WAIT_MS,
      shortestWaitMs: PAUSE_MS,
      round: () => this.tell(),
    });
  }

  /** Resolves once offers of other nodes come. @param take deals with one of them @throws EventLogUnavailable */
  async start(take: (offer: StepOffered) => Promise<Verdict>): Promise<void> {
    if (!this.leases.isShared) return;
    const group = {
      name: GROUP,
      eventTypes: [...OFFER_SHAPES.keys()],
      bufferSize: this.settings.concurrency * FOR_EACH_PLACE,
      messageTimeoutMs: 0,
      maxRetryCount: NEVER_PARKED_BY_THE_STORE,
      from: await this.log.headPosition(),
    };
    this.consumer = await this.feed.join(group, {
      deliver: async ({ event }) => {
        if (event.streamId === this.streamId) return ACK;
        try {
          const offer = stepOfferOf(event);
          return offer ? await take(offer.data) : ACK;
        } catch (error) {
          // It is a hint, and comes again.
          this.logger.warn(`an offer of a step is passed over: ${messageOf(error)}`);
          return ACK;
        }
      },
    });
    this.rounds.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.consumer?.stop(), this.rounds.stop()]);
  }

  /** Offers the step once it has waited, and now and then, if there is anybody else then. Answers with what ends the wait. @param isWaiting whether there is something to offer still; never rejects */
  whileWaiting(offer: StepOffered, isWaiting: () => Promise<boolean>): () => void {
    if (!this.leases.isShared) return () => undefined;
    let isOver = false;
    let pauseMs = OFFERED_AGAIN_AFTER_MS;
    const make = (): void => {
      if (this.leases.hasOthers()) {
        this.waiting.set(keyOf(offer), offer);
        this.rounds.wake();
      }
      timer = setTimeout(() => void again(), pauseMs);
      pauseMs = Math.min(OFFERED_AGAIN_AT_LATEST_MS, 2 * pauseMs);
    };
    const again = async (): Promise<void> => {
      if ((await isWaiting()) && !isOver) make();
    };
    let timer = setTimeout(make, OFFERED_AFTER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
      this.waiting.delete(keyOf(offer));
    };
  }

  private get streamId(): string {
    return `${STREAM_PREFIX}${this.settings.worker}`;
  }

  private async tell(): Promise<number> {
    const some = [...this.waiting.values()].slice(0, AT_ONCE);
    if (some.length > 0) await this.stream.append(...some.map((data) => ({ type: 'StepOffered', data })));
    for (const offer of some) this.waiting.delete(keyOf(offer));
    return this.waiting.size > 0 ? PAUSE_MS : LONGEST_WAIT_MS;
  }
}
