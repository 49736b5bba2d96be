import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import type { EventFeed, FeedSubscription } from '../../../application/ports/event-feed.js';
import type { EventLog, RecordedEvent } from '../../../application/ports/event-log.js';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import type { Logger } from '../../../application/ports/logger.js';
import { FINAL_EVENT_TYPES, type WorkflowEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Database } from '../database/database.js';
import { BatchWriter } from './batch-writer.js';
import { becomeOnlyWriter, checkpoints, clear, projectBatch, projectNext, type Projected } from './project-batch.js';
import { PROJECTED_STREAMS, type Projection } from './projection.js';
import { PROJECTIONS } from './projections.js';
import type { ReadModelPositions } from './read-model-positions.js';
import { missingReadModels } from './read-model-tables.js';

/** Pause before another try after a fault, and between tries to become the node that projects, in milliseconds. */
const PAUSE_MS = 1_000;
/** Longest pause before a read model that cannot be written is tried again. */
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

const namesOf = ({ projections }: Track) => projections.map(({ name }) => name);

/**
 * Keeps every read model up to date. Those at the same place in the log follow it together; one that cannot be written is set apart, so that the others go on, and
 * is tried again. Of several nodes on one server one projects; the others stand by.
 */
export class ProjectionRunner {
  private readonly stopping = new AbortController();
  private session: Session | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly feed: EventFeed,
    private readonly log: EventLog,
    private readonly positions: ReadModelPositions,
    private readonly logger: Logger,
    private readonly projections: readonly Projection[] = PROJECTIONS,
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
        this.logger.warn(`the projections stopped and will go on: ${reason}`);
        for (const { name } of this.projections) this.positions.standsStill(name, reason);
      }
      await this.pause(PAUSE_MS, this.stopping.signal);
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
      if (!locked) return;
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
    this.session = session;
    if (this.stopping.signal.aborted) return;
    this.positions.takenOver(known);
    const places = [...new Set(known.values())];
    const tracks = places.map((position): Track => ({
      position,
      projections: this.projections.filter(({ name }) => known.get(name) === position),
    }));
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

  /** Follows the log, and what splits off from the track. One read model alone is tried again and again; a fault of several is one of the database. */
  private async follow(track: Track, session: Session): Promise<void> {
    const apart: Promise<void>[] = [];
    const setApart = (lone: Track): void => void apart.push(this.insist(lone, session));
    if (track.projections.length === 1 && this.projections.length > 1) apart.push(this.insist(track, session, 0));
    else apart.push(this.read(track, session, setApart));
    for (let next = 0; next < apart.length; next++) await apart[next];
  }

  private async insist(track: Track, session: Session, firstPauseMs = PAUSE_MS): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!session.signal.aborted && !this.stopping.signal.aborted) {
      await this.pause(pauseMs, session.signal);
      const before = track.position;
      try {
        await this.read(track, session, () => undefined);
      } catch (error) {
        if (session.signal.aborted) return;
        const reason = this.database.reasonOf(error);
        this.logger.error(
          `read model ${namesOf(track).join()} stands still at position ${track.position} and will be tried again: ${reason}`,
        );
        for (const name of namesOf(track)) this.positions.standsStill(name, reason);
      }
      pauseMs = track.position > before ? PAUSE_MS : Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, pauseMs * 2));
    }
  }

  /** Follows the log from where the track is, until the session ends. */
  private async read(track: Track, session: Session, setApart: (lone: Track) => void): Promise<void> {
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

  private async write(track: Track, events: readonly RecordedEvent[], after: bigint, setApart: (lone: Track) => void): Promise<void> {
    let changed: readonly ReadModelName[];
    try {
      ({ position: track.position, changed } = await this.projectInto(track.projections, events, after));
    } catch (fault) {
      if (track.projections.length === 1) throw fault;
      changed = await this.writeOneByOne(track, events, after, setApart, fault);
    }
    this.positions.committed(namesOf(track), track.position, changed);
  }

  private projectInto(projections: readonly Projection[], events: readonly RecordedEvent[], after: bigint): Promise<Projected> {
    const { source, embedded } = this.database;
    return embedded ? projectNext(source.manager, projections, events) : projectBatch(source, projections, events, after);
  }

  /** After a batch failed for all: those that can be written go on without the others. @throws the fault, where none can */
  private async writeOneByOne(
    track: Track,
    events: readonly RecordedEvent[],
    after: bigint,
    setApart: (lone: Track) => void,
    fault: unknown,
  ): Promise<readonly ReadModelName[]> {
    const failed = new Map<Projection, unknown>();
    const changed: ReadModelName[] = [];
    for (const projection of track.projections) {
      await this.projectInto([projection], events, after).then(
        (projected) => changed.push(...projected.changed),
        (reason: unknown) => failed.set(projection, reason),
      );
    }
    if (failed.size === track.projections.length) throw fault;
    track.projections = track.projections.filter((projection) => !failed.has(projection));
    track.position = events.at(-1)!.position;
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
