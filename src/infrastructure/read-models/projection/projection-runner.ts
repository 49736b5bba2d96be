import { setTimeout as delay } from 'node:timers/promises';
import { NewerEvent } from '../../../application/newer-event.js';
import type { EventFeed, FeedSubscription } from '../../../application/ports/event-feed.js';
import type { EventLog } from '../../../application/ports/event-log.js';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import type { Logger } from '../../../application/ports/logger.js';
import { FINAL_EVENT_TYPES, type WorkflowEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Database } from '../database/database.js';
import { BatchWriter } from './batch-writer.js';
import { prepareBeside, swapIn } from './beside.js';
import { factOf, type FactOf } from './project-batch.js';
import { PROJECTED_STREAMS, type Projection } from './projection.js';
import { PROJECTIONS } from './projections.js';
import { asProjector, type Session } from './projector-lock.js';
import type { ReadModelPositions } from './read-model-positions.js';
import { startingPoints } from './starting-points.js';
import { namesOf, TrackWriter, type SetApart, type Track } from './track-writer.js';

/** Pause before another try after a fault, and between tries to become the node that projects, in milliseconds. */
const PAUSE_MS = 1_000;
/** Longest pause before a read model that cannot be written, or read on, is tried again. */
const LONGEST_PAUSE_MS = 30_000;

/** Events that people wait for: the end of a run, and what they are asked. */
const URGENT: ReadonlySet<string> = new Set<WorkflowEventType>([...FINAL_EVENT_TYPES, 'ApprovalRequested', 'StepDeadLettered']);

/**
 * Keeps every read model up to date. Those at the same place in the log follow it together; one that cannot be written is set apart, so that the others go on, and
 * is tried again. At an event that is not understood they stand still, and their checkpoints with them. Rows of another version stay until new ones have been made beside them.
 * Of several nodes on one server one projects; the others stand by, and take over where it understands less than they do.
 */
export class ProjectionRunner {
  private readonly stopping = new AbortController();
  private session: Session | undefined;
  private work: Promise<void> = Promise.resolve();
  /** What read models are being written. */
  private readonly tracks = new Set<Track>();
  /** Read models that stand still at an event that is not understood, with where and why: kept until they are beyond it, so that nothing looks well between two tries. */
  private readonly outdated = new Map<ReadModelName, { readonly position: bigint; readonly reason: string }>();
  private readonly writer: TrackWriter;
  private pauseMs = PAUSE_MS;
  /** What ended the last session, until one begins: said once. */
  private stoppedBy = '';

  constructor(
    private readonly database: Database,
    private readonly feed: EventFeed,
    private readonly log: EventLog,
    private readonly positions: ReadModelPositions,
    private readonly logger: Logger,
    private readonly projections: readonly Projection[] = PROJECTIONS,
    read: FactOf = factOf,
  ) {
    this.writer = new TrackWriter(database, positions, logger, read, (names) => this.goOn(names));
  }

  start(): void {
    this.work = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.session?.end();
    await this.work;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if (!(await asProjector(this.database, (session) => this.project(session)))) {
          this.outdated.clear();
          this.positions.leftToOther();
        }
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        const reason = this.database.reasonOf(error);
        if (reason !== this.stoppedBy) this.logger.warn(`the projections stopped and will go on: ${reason}`);
        this.stoppedBy = reason;
        for (const { name } of this.projections) this.positions.standsStill(name, reason);
      }
      this.pauseMs = this.outdated.size === 0 ? PAUSE_MS : Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
      await this.pause(this.pauseMs, this.stopping.signal);
    }
  }

  private async project(session: Session): Promise<void> {
    const { known, stale } = await startingPoints(this.database, this.log, this.projections, this.logger);
    this.stoppedBy = '';
    this.session = session;
    if (this.stopping.signal.aborted) return;
    this.positions.takenOver(
      known,
      stale.map(({ name }) => name),
    );
    for (const [name, { position, reason }] of this.outdated) this.positions.standsStill(name, reason, position);
    this.tracks.clear();
    const tracks = this.tracksAt(
      known,
      this.projections.filter((projection) => !stale.includes(projection)),
    );
    try {
      await this.allOf([...tracks.map((track) => this.follow(track, session)), this.makeBeside(stale, session)], session);
    } finally {
      this.positions.handedOver();
    }
  }

  /** One track for each place. */
  private tracksAt(known: ReadonlyMap<ReadModelName, bigint>, projections: readonly Projection[], isBeside = false): readonly Track[] {
    const places = [...new Set(projections.map(({ name }) => known.get(name)!))];
    const tracks = places.map((position): Track => ({
      position,
      projections: projections.filter(({ name }) => known.get(name) === position),
      isBeside,
    }));
    for (const track of tracks) this.tracks.add(track);
    return tracks;
  }

  /** Makes rows beside those of another version, and follows the log with them. What goes wrong until they are swapped in stops nothing else. */
  private async makeBeside(stale: readonly Projection[], session: Session): Promise<void> {
    if (stale.length === 0) return;
    const names = stale.map(({ name }) => name);
    this.logger.log(
      `read models ${names.join(', ')} are of another version: they are made anew beside the rows that are there, which are read until then`,
    );
    const tracks = await this.besides(stale, session);
    await this.allOf(
      tracks.map((track) => this.follow(track, session)),
      session,
    );
  }

  /** Where to begin with them; nowhere, once the session has ended. */
  private async besides(stale: readonly Projection[], session: Session): Promise<readonly Track[]> {
    for (let pauseMs = PAUSE_MS; !session.signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        const known = await prepareBeside(this.database.source, stale, await this.log.headPosition());
        this.positions.madeBeside(known);
        return this.tracksAt(known, stale, true);
      } catch (error) {
        if (session.signal.aborted) break;
        this.complain({ projections: stale, position: 0n, isBeside: true }, error);
        await this.pause(pauseMs, session.signal);
      }
    }
    return [];
  }

  /** Waits until all have ended; the first fault ends them all. */
  private async allOf(followers: readonly Promise<void>[], session: Session): Promise<void> {
    try {
      await Promise.all(followers);
    } finally {
      session.end();
      await Promise.allSettled(followers);
    }
  }

  /** Follows the log, and what splits off from the track. */
  private async follow(track: Track, session: Session): Promise<void> {
    const apart: Promise<void>[] = [];
    const setApart: SetApart = (lone) => {
      this.tracks.add(lone);
      apart.push(this.insist(lone, session, setApart, PAUSE_MS));
    };
    apart.push(this.insist(track, session, setApart, 0));
    for (let next = 0; next < apart.length; next++) await apart[next];
  }

  /** One read model alone is tried again and again, and so are all that wait for an event to be understood, and what is made beside. @throws any other fault of several: it is one of the database */
  private async insist(track: Track, session: Session, setApart: SetApart, firstPauseMs: number): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!session.signal.aborted && !this.stopping.signal.aborted) {
      if (pauseMs > 0) await this.pause(pauseMs, session.signal);
      const before = track.position;
      const isAlone = (): boolean => track.isBeside || (track.projections.length === 1 && this.projections.length > 1);
      try {
        await this.follows(track, session, setApart);
        if (!isAlone()) return;
      } catch (error) {
        if (error instanceof NewerEvent) this.standsStill(track, error);
        else if (!isAlone()) throw error;
        if (session.signal.aborted) return;
        if (error instanceof NewerEvent) this.leaveToNewerNode(session);
        else this.complain(track, error);
      }
      pauseMs = track.position > before ? PAUSE_MS : Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, pauseMs * 2));
    }
  }

  private complain(track: Track, error: unknown): void {
    const reason = this.database.reasonOf(error);
    const what = track.isBeside ? `what is made beside ${namesOf(track).join(', ')}` : `read model ${namesOf(track).join()}`;
    this.logger.error(`${what} stands still at position ${track.position} and will be tried again: ${reason}`);
    for (const name of namesOf(track)) this.positions.standsStill(name, reason);
  }

  /** Said once, however often it is tried again. */
  private standsStill(track: Track, { message: reason }: NewerEvent): void {
    const names = namesOf(track);
    if (names.some((name) => this.outdated.get(name)?.reason !== reason))
      this.logger.error(`read models ${names.join(', ')} stand still at position ${track.position}: ${reason}`);
    for (const name of names) {
      this.outdated.set(name, { position: track.position, reason });
      this.positions.standsStill(name, reason, track.position);
    }
  }

  private goOn(names: readonly ReadModelName[]): void {
    const waited = names.filter((name) => this.outdated.delete(name));
    if (waited.length > 0) this.logger.log(`read models ${waited.join(', ')} go on`);
  }

  /** Another node may understand what this one does not: it gets its turn, once nothing is left here that goes on. */
  private leaveToNewerNode(session: Session): void {
    const goOn = [...this.tracks].some((track) => namesOf(track).some((name) => !this.outdated.has(name)));
    if (!this.database.embedded && !goOn) session.end();
  }

  /** Follows the log from where the track is, until the session ends. */
  private async follows(track: Track, session: Session, setApart: SetApart): Promise<void> {
    if (session.signal.aborted) return;
    const { position } = track;
    // Asked before: all that there was is delivered when the subscription has caught up.
    const head = track.isBeside ? await this.log.headPosition() : 0n;
    const from = position === 0n ? 'start' : { after: position };
    const subscription: FeedSubscription = this.feed.subscribe({ from, streamPrefix: PROJECTED_STREAMS });
    const close = (): void => void subscription.close();
    session.signal.addEventListener('abort', close);
    const hurry = this.positions.onWait(() => !track.isBeside && writer.hurry());
    const writer = new BatchWriter(
      {
        write: (events, after) => this.writer.write(track, events, after, setApart),
        upToDate: (considered) => !track.isBeside && this.positions.considered(namesOf(track), considered),
        broken: close,
      },
      position,
    );
    try {
      for await (const item of subscription) {
        if (item.kind === 'events')
          await writer.add(item.events, !track.isBeside && (this.positions.isAwaited || item.events.some(({ type }) => URGENT.has(type))));
        else if (item.kind === 'checkpoint') writer.pass(item.position);
        else if (track.isBeside) {
          await writer.end();
          await this.swap(track, head, session);
        }
      }
    } finally {
      session.signal.removeEventListener('abort', close);
      hurry();
      await subscription.close();
      await writer.end();
    }
  }

  /** What was made beside has caught up: from now on it is what is read, and written. */
  private async swap(track: Track, head: bigint, session: Session): Promise<void> {
    const position = track.position > head ? track.position : head;
    await swapIn(this.database, track.projections, position, session.signal);
    track.position = position;
    track.isBeside = false;
    this.positions.swappedIn(namesOf(track), position);
    this.logger.log(
      `read models ${namesOf(track).join(', ')} were made anew, up to position ${position}, and have taken the place of the old ones`,
    );
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}
