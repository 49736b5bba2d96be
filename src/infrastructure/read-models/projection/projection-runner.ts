import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { NewerEvent } from '../../../application/newer-event.js';
import type { EventFeed, FeedSubscription } from '../../../application/ports/event-feed.js';
import type { EventLog, RecordedEvent } from '../../../application/ports/event-log.js';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import type { Logger } from '../../../application/ports/logger.js';
import { FINAL_EVENT_TYPES, type WorkflowEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Database } from '../database/database.js';
import { BatchWriter } from './batch-writer.js';
import {
  becomeOnlyWriter,
  checkpoints,
  clear,
  factOf,
  madeByLater,
  projectBatch,
  projectNext,
  understood,
  type Batch,
  type FactOf,
  type Projected,
} from './project-batch.js';
import { PROJECTED_STREAMS, type Projection } from './projection.js';
import { PROJECTIONS } from './projections.js';
import type { ReadModelPositions } from './read-model-positions.js';
import { missingReadModels } from './read-model-tables.js';

/** Pause before another try after a fault, and between tries to become the node that projects, in milliseconds. */
const PAUSE_MS = 1_000;
/** Longest pause before a read model that cannot be written, or read on, is tried again. */
const LONGEST_PAUSE_MS = 30_000;
/** Session lock of the node that projects. */
const PROJECTOR_LOCK = 5_701_002;
/** A session with the lock that is silent for so long is ended by the server, in milliseconds: its process is stopped or its machine has gone, and another node is to project. */
const LONGEST_SILENCE_MS = 10_000;
const SIGN_OF_LIFE_MS = 2_000;

/** Events that people wait for: the end of a run, and what they are asked. */
const URGENT: ReadonlySet<string> = new Set<WorkflowEventType>([...FINAL_EVENT_TYPES, 'ApprovalRequested', 'StepDeadLettered']);

/** Ends what goes on under a session of the projector. */
interface Session {
  readonly signal: AbortSignal;
  end(): void;
}

/** From PostgreSQL 14 on; an older one has no such limit, and keeps the lock until TCP gives up. @param ms 0: no limit */
async function limitSilence(runner: QueryRunner, ms: number): Promise<void> {
  await runner.query(`SELECT set_config(name, '${ms}', false) FROM pg_settings WHERE name = 'idle_session_timeout'`);
}

/** Read models that are at the same place in the log, and are written together. */
interface Track {
  projections: readonly Projection[];
  /** Position up to which they are written. */
  position: bigint;
}

type SetApart = (lone: Track) => void;

const namesOf = ({ projections }: Track) => projections.map(({ name }) => name);

/**
 * Keeps every read model up to date. Those at the same place in the log follow it together; one that cannot be written is set apart, so that the others go on, and
 * is tried again. At an event that is not understood they stand still, and their checkpoints with them. Of several nodes on one server one projects; the others stand by, and
 * take over where it understands less than they do.
 */
export class ProjectionRunner {
  private readonly stopping = new AbortController();
  private session: Session | undefined;
  private work: Promise<void> = Promise.resolve();
  /** What read models are being written. */
  private readonly tracks = new Set<Track>();
  /** Read models that stand still at an event that is not understood, with where and why: kept until they are beyond it, so that nothing looks well between two tries. */
  private readonly outdated = new Map<ReadModelName, { readonly position: bigint; readonly reason: string }>();
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
    private readonly read: FactOf = factOf,
  ) {}

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
        await this.withLock((session) => this.project(session));
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

  private async withLock(work: (session: Session) => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const session = { signal: ended.signal, end: () => ended.abort() };
    if (this.database.embedded) return work(session);
    const runner: QueryRunner = this.database.source.createQueryRunner();
    let connection: EventEmitter | undefined;
    try {
      connection = (await runner.connect()) as EventEmitter;
      // With its session the lock is gone, and another node may have it by now.
      connection.on('end', session.end);
      const [{ locked }] = (await runner.query(`SELECT pg_try_advisory_lock(${PROJECTOR_LOCK}) AS locked`)) as [{ locked: boolean }];
      if (!locked) {
        this.outdated.clear();
        this.positions.leftToOther();
        return;
      }
      // That the session has ended is told by its "end".
      const signs = setInterval(() => void runner.query('SELECT 1').catch(() => undefined), SIGN_OF_LIFE_MS);
      try {
        await limitSilence(runner, LONGEST_SILENCE_MS);
        await work(session);
      } finally {
        clearInterval(signs);
        await limitSilence(runner, 0);
        await runner.query(`SELECT pg_advisory_unlock(${PROJECTOR_LOCK})`);
      }
    } finally {
      // The pool keeps the connection: what listened to it must not end the next session.
      connection?.off('end', session.end);
      await runner.release();
    }
  }

  private async project(session: Session): Promise<void> {
    const known = await this.startingPoints();
    this.stoppedBy = '';
    this.session = session;
    if (this.stopping.signal.aborted) return;
    this.positions.takenOver(known);
    for (const [name, { position, reason }] of this.outdated) this.positions.standsStill(name, reason, position);
    const places = [...new Set(known.values())];
    const tracks = places.map((position): Track => ({
      position,
      projections: this.projections.filter(({ name }) => known.get(name) === position),
    }));
    this.tracks.clear();
    for (const track of tracks) this.tracks.add(track);
    try {
      await this.allOf(
        tracks.map((track) => this.follow(track, session)),
        session,
      );
    } finally {
      this.positions.handedOver();
    }
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

  /** Where each read model is. Checkpoints past the log's end belong to another log: the rows are made anew. */
  private async startingPoints(): Promise<ReadonlyMap<ReadModelName, bigint>> {
    const head = await this.log.headPosition();
    return this.database.source.transaction(async (manager) => {
      const missing = await missingReadModels(manager, this.database.embedded);
      if (missing !== undefined) throw new Error(`read models are ${missing}`);
      await becomeOnlyWriter(manager);
      // Of an embedded database nobody else is left who could go on with them.
      const later = this.database.embedded ? [] : await madeByLater(manager, this.projections);
      if (later.length > 0) throw new Error(`the rows of ${later.join(', ')} were made by a newer version of the engine: update this one`);
      let known = await checkpoints(manager, this.projections);
      if ([...known.values()].some((position) => position > head)) {
        this.logger.warn('the read models are ahead of the event log: they are dropped and rebuilt from it');
        known = new Map();
      }
      // Nobody knows how far rows without a checkpoint are.
      for (const projection of this.projections) if (!known.has(projection.name)) await clear(manager, projection);
      return new Map(this.projections.map(({ name }) => [name, known.get(name) ?? 0n]));
    });
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

  /** One read model alone is tried again and again, and so are all that wait for an event to be understood. @throws any other fault of several: it is one of the database */
  private async insist(track: Track, session: Session, setApart: SetApart, firstPauseMs: number): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!session.signal.aborted && !this.stopping.signal.aborted) {
      if (pauseMs > 0) await this.pause(pauseMs, session.signal);
      const before = track.position;
      const isAlone = (): boolean => track.projections.length === 1 && this.projections.length > 1;
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
    this.logger.error(`read model ${namesOf(track).join()} stands still at position ${track.position} and will be tried again: ${reason}`);
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

  /** Another node may understand what this one does not: it gets its turn, once nothing is left here that goes on. */
  private leaveToNewerNode(session: Session): void {
    const goOn = [...this.tracks].some((track) => namesOf(track).some((name) => !this.outdated.has(name)));
    if (!this.database.embedded && !goOn) session.end();
  }

  /** Follows the log from where the track is, until the session ends. */
  private async follows(track: Track, session: Session, setApart: SetApart): Promise<void> {
    if (session.signal.aborted) return;
    const { position } = track;
    const from = position === 0n ? 'start' : { after: position };
    const subscription: FeedSubscription = this.feed.subscribe({ from, streamPrefix: PROJECTED_STREAMS });
    const close = (): void => void subscription.close();
    session.signal.addEventListener('abort', close);
    const hurry = this.positions.onWait(() => writer.hurry());
    const writer = new BatchWriter(
      {
        write: (events, after) => this.write(track, events, after, setApart),
        upToDate: (considered) => this.positions.considered(namesOf(track), considered),
        broken: close,
      },
      position,
    );
    try {
      for await (const item of subscription) {
        if (item.kind === 'events')
          await writer.add(item.events, this.positions.isAwaited || item.events.some(({ type }) => URGENT.has(type)));
        else if (item.kind === 'checkpoint') writer.pass(item.position);
      }
    } finally {
      session.signal.removeEventListener('abort', close);
      hurry();
      await subscription.close();
      await writer.end();
    }
  }

  private async write(track: Track, events: readonly RecordedEvent[], after: bigint, setApart: SetApart): Promise<void> {
    const { batch, fault } = understood(events, this.read);
    if (batch) await this.writeBatch(track, batch, after, setApart);
    // What comes before it is committed; it, and what comes after it, are not.
    if (fault) throw fault;
  }

  private async writeBatch(track: Track, batch: Batch, after: bigint, setApart: SetApart): Promise<void> {
    let changed: readonly ReadModelName[];
    try {
      ({ position: track.position, changed } = await this.projectInto(track.projections, batch, after));
    } catch (fault) {
      if (track.projections.length === 1) throw fault;
      changed = await this.writeOneByOne(track, batch, after, setApart, fault);
    }
    const names = namesOf(track);
    const waited = names.filter((name) => this.outdated.delete(name));
    if (waited.length > 0) this.logger.log(`read models ${waited.join(', ')} go on`);
    this.positions.committed(names, track.position, changed);
  }

  private projectInto(projections: readonly Projection[], batch: Batch, after: bigint): Promise<Projected> {
    const { source, embedded } = this.database;
    return embedded ? projectNext(source.manager, projections, batch) : projectBatch(source, projections, batch, after);
  }

  /** After a batch failed for all: those that can be written go on without the others. @throws the fault, where none can */
  private async writeOneByOne(
    track: Track,
    batch: Batch,
    after: bigint,
    setApart: SetApart,
    fault: unknown,
  ): Promise<readonly ReadModelName[]> {
    const failed = new Map<Projection, unknown>();
    const changed: ReadModelName[] = [];
    for (const projection of track.projections) {
      await this.projectInto([projection], batch, after).then(
        (projected) => changed.push(...projected.changed),
        (reason: unknown) => failed.set(projection, reason),
      );
    }
    if (failed.size === track.projections.length) throw fault;
    track.projections = track.projections.filter((projection) => !failed.has(projection));
    track.position = batch.position;
    for (const [projection, error] of failed) {
      const reason = this.database.reasonOf(error);
      this.logger.error(`read model ${projection.name} stands still at position ${after}, the others go on: ${reason}`);
      this.positions.standsStill(projection.name, reason);
      setApart({ projections: [projection], position: after });
    }
    return changed;
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}
