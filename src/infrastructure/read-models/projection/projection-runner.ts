import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import type { EventFeed, FeedSubscription } from '../../../application/ports/event-feed.js';
import type { EventLog } from '../../../application/ports/event-log.js';
import type { Logger } from '../../../application/ports/logger.js';
import { WORKFLOW_STREAM_PREFIX } from '../../../application/workflow/workflow-codec.js';
import type { Database } from '../database/database.js';
import { becomeOnlyWriter, checkpoints, clear, projectBatch } from './apply-batch.js';
import { BatchWriter } from './batch-writer.js';
import type { ReadModelPositions } from './read-model-positions.js';
import { PROJECTIONS } from './projections.js';
import { missingReadModels } from './read-model-tables.js';

/** Pause before another try after a fault, and between tries to become the node that projects, in milliseconds. */
const PAUSE_MS = 1_000;
/** Session lock of the node that projects. */
const PROJECTOR_LOCK = 5_701_002;

/** Keeps every read model up to date from one catch-up subscription. Of several nodes on one server one projects; the others stand by. */
export class ProjectionRunner {
  private readonly stopping = new AbortController();
  private subscription: FeedSubscription | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly feed: EventFeed,
    private readonly log: EventLog,
    private readonly positions: ReadModelPositions,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.work = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.subscription?.close();
    await this.work;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.withLock(() => this.project());
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.logger.warn(`the projections stopped and will go on: ${this.database.reasonOf(error)}`);
      }
      await delay(PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async withLock(work: () => Promise<void>): Promise<void> {
    if (this.database.embedded) return work();
    const session: QueryRunner = this.database.source.createQueryRunner();
    try {
      // With its session the lock is gone, and another node may have it by now.
      const connection = (await session.connect()) as EventEmitter;
      connection.once('end', () => void this.subscription?.close());
      const [{ locked }] = (await session.query(`SELECT pg_try_advisory_lock(${PROJECTOR_LOCK}) AS locked`)) as [{ locked: boolean }];
      if (!locked) return;
      try {
        await work();
      } finally {
        await session.query(`SELECT pg_advisory_unlock(${PROJECTOR_LOCK})`);
      }
    } finally {
      await session.release();
    }
  }

  /** Checkpoints past the log's end belong to another log: the rows are made anew. */
  private async startingPoint(): Promise<bigint> {
    const head = await this.log.headPosition();
    return this.database.source.transaction(async (manager) => {
      const missing = await missingReadModels(manager, this.database.embedded);
      if (missing !== undefined) throw new Error(`read models are ${missing}`);
      await becomeOnlyWriter(manager);
      let known = await checkpoints(manager);
      if ([...known.values()].some((position) => position > head)) {
        this.logger.warn('the read models are ahead of the event log: they are dropped and rebuilt from it');
        for (const projection of PROJECTIONS) await clear(manager, projection);
        known = new Map();
      }
      // Nobody knows how far rows without a checkpoint are.
      for (const projection of PROJECTIONS) if (!known.has(projection.name)) await clear(manager, projection);
      return PROJECTIONS.map(({ name }) => known.get(name) ?? 0n).reduce((a, b) => (a < b ? a : b));
    });
  }

  private async project(): Promise<void> {
    const from = await this.startingPoint();
    const subscription = this.feed.subscribe({ from: from === 0n ? 'start' : { after: from }, streamPrefix: WORKFLOW_STREAM_PREFIX });
    this.subscription = subscription;
    if (this.stopping.signal.aborted) return subscription.close();
    const writer = new BatchWriter(
      {
        write: async (events, after) => this.positions.committed(await projectBatch(this.database.source, events, after)),
        upToDate: (position) => this.positions.considered(position),
        broken: () => void subscription.close(),
      },
      from,
    );
    try {
      for await (const item of subscription) {
        if (item.kind === 'event') await writer.add(item.event);
        else if (item.kind === 'checkpoint') writer.pass(item.position);
      }
    } finally {
      await subscription.close();
      await writer.end();
    }
  }
}
