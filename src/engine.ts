import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConsoleLogger, type INestApplication, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { EXECUTOR_SETTINGS, StepExecutor } from './application/execution/step-executor.js';
import { RetryTimers } from './application/execution/retry-timers.js';
import { CLOCK } from './application/ports/clock.js';
import { EVENT_FEED } from './application/ports/event-feed.js';
import { EVENT_LOG, EVENT_LOG_SILENCE, type EventLog } from './application/ports/event-log.js';
import { FINGERPRINT } from './application/ports/fingerprint.js';
import { HEALTH_CHECKS, type HealthCheck } from './application/ports/health.js';
import { LIVE_TIMELINE } from './application/ports/live-timeline.js';
import { LOGGER, type Logger } from './application/ports/logger.js';
import { METRICS } from './application/ports/metrics.js';
import { PLANNER } from './application/ports/planner.js';
import {
  APPROVALS_READER,
  DEAD_LETTERS_READER,
  READ_MODEL_PROGRESS,
  RETRY_TIMERS_READER,
  TIMELINE_READER,
  WORKFLOWS_READER,
} from './application/ports/read-models.js';
import { TOOLS } from './application/ports/tools.js';
import { SagaRunner } from './application/sagas/saga-runner.js';
import { DEFAULT_TIME_ZONE } from './application/workflow/default-time-zone.js';
import { EventFeedLiveTimeline } from './application/timeline/event-feed-live-timeline.js';
import { DEFAULT_APPROVAL_THRESHOLD } from './application/workflow/submit-intent.js';
import { keptFolders } from './infrastructure/backup/kept-folders.js';
import { refuseUnfinishedRestore } from './infrastructure/backup/restore.js';
import { LOG_LEVELS, type Configuration } from './infrastructure/config/environment.js';
import { runningNodeUrl, startEmbeddedNodeInWorker, type EmbeddedNode } from './infrastructure/event-store/embedded/embedded-node.js';
import { connectEventStore, type EventStoreDbConnection } from './infrastructure/event-store/eventstoredb/connect.js';
import { RuleBasedPlanner } from './infrastructure/planners/rule-based/rule-based.planner.js';
import { DatabaseApprovalsReader } from './infrastructure/read-models/approvals/approvals.reader.js';
import { openDatabase, type Database } from './infrastructure/read-models/database/database.js';
import { DatabaseDeadLettersReader } from './infrastructure/read-models/dead-letters/dead-letters.reader.js';
import { ProjectionRunner } from './infrastructure/read-models/projection/projection-runner.js';
import { ReadModelPositions } from './infrastructure/read-models/projection/read-model-positions.js';
import { ReadModelsHealth } from './infrastructure/read-models/projection/read-models-health.js';
import { rebuildReadModels } from './infrastructure/read-models/projection/rebuild.js';
import { DatabaseRetryTimersReader } from './infrastructure/read-models/retry-timers/retry-timers.reader.js';
import { DatabaseTimelineReader } from './infrastructure/read-models/timeline/timeline.reader.js';
import { DatabaseWorkflowsReader } from './infrastructure/read-models/workflows/workflows.reader.js';
import { sha256Fingerprint } from './infrastructure/system/sha256-fingerprint.js';
import { systemClock } from './infrastructure/system/system-clock.js';
import { newWorkerName } from './infrastructure/system/worker-name.js';
import { PrometheusMetrics } from './infrastructure/telemetry/prometheus-metrics.js';
import { createTools } from './infrastructure/tools/create-tools.js';
import { eventStoreFolder } from './event-store-node.js';
import { configureHttp } from './interfaces/http/configure-http.js';

/** A running engine. */
export interface Engine {
  /** Where its API is, e.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly logger: Logger;
  /** Resolves if something the engine cannot live without has stopped. */
  readonly failed: Promise<Error>;
  /** No new work; running steps finish or are handed back; everything is closed. */
  stop(): Promise<void>;
}

/** Things to undo, the last first. */
class Teardown {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0).reverse()) await step();
  }
}

const loggerFor = ({ logLevel }: Configuration): ConsoleLogger =>
  new ConsoleLogger({
    prefix: 'LifeOS',
    logLevels: ['fatal', ...LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1)],
    colors: process.stdout.isTTY === true,
  });

/** The framework tells of every route it maps: worth reading only when looking for a fault. */
const frameworkLogger = (configuration: Configuration): ConsoleLogger =>
  loggerFor(configuration.logLevel === 'log' ? { ...configuration, logLevel: 'warn' } : configuration);

interface Stores {
  readonly eventStore: EventStoreDbConnection;
  readonly database: Database;
  readonly node: EmbeddedNode | undefined;
}

async function openStores(configuration: Configuration, logger: Logger, teardown: Teardown): Promise<Stores> {
  const { eventStoreUrl, databaseUrl, dataDir } = configuration;
  refuseUnfinishedRestore(dataDir);
  const node = eventStoreUrl === undefined ? await startEmbeddedNodeInWorker({ dataDir: eventStoreFolder(configuration) }) : undefined;
  if (node) teardown.add(() => node.stop());
  const eventStore = await connectEventStore(eventStoreUrl ?? node!.connectionString, { logger });
  teardown.add(() => eventStore.close());
  const database = await openDatabase({ dataDir, logger, ...(databaseUrl === undefined ? {} : { url: databaseUrl }) });
  teardown.add(() => database.close());
  return { eventStore, database, node };
}

const healthChecks = ({ eventStore, database }: Stores, readModels: HealthCheck): readonly HealthCheck[] => [
  { name: 'event_store', check: async () => void (await eventStore.log.headPosition()) },
  { name: 'database', check: () => database.check() },
  readModels,
];

function adapters(
  configuration: Configuration,
  stores: Stores,
  positions: ReadModelPositions,
  readModels: HealthCheck,
  live: EventFeedLiveTimeline,
  logger: Logger,
): readonly Provider[] {
  const { eventStore, database } = stores;
  const { dataDir, approvalFrom, timeZone, workerConcurrency, shutdownGraceMs } = configuration;
  const values: readonly (readonly [symbol, unknown])[] = [
    [LOGGER, logger],
    [CLOCK, systemClock],
    [FINGERPRINT, sha256Fingerprint],
    [EVENT_LOG, eventStore.log],
    [EVENT_LOG_SILENCE, eventStore.silence],
    [EVENT_FEED, eventStore.feed],
    [LIVE_TIMELINE, live],
    [TOOLS, createTools({ outboxDir: keptFolders(dataDir).outbox, clock: systemClock })],
    [PLANNER, new RuleBasedPlanner()],
    [DEFAULT_APPROVAL_THRESHOLD, approvalFrom],
    [DEFAULT_TIME_ZONE, timeZone],
    [EXECUTOR_SETTINGS, { worker: newWorkerName(), concurrency: workerConcurrency, graceMs: shutdownGraceMs }],
    [WORKFLOWS_READER, new DatabaseWorkflowsReader(database)],
    [TIMELINE_READER, new DatabaseTimelineReader(database)],
    [APPROVALS_READER, new DatabaseApprovalsReader(database)],
    [DEAD_LETTERS_READER, new DatabaseDeadLettersReader(database)],
    [RETRY_TIMERS_READER, new DatabaseRetryTimersReader(database)],
    [READ_MODEL_PROGRESS, positions],
    [HEALTH_CHECKS, healthChecks(stores, readModels)],
    [METRICS, new PrometheusMetrics(eventStore.log, positions)],
  ];
  return values.map(([provide, useValue]) => ({ provide, useValue }));
}

/** How long open connections may take to end by themselves at shutdown, in milliseconds. */
const HTTP_CLOSE_MS = 2_000;

const httpServer = (app: INestApplication): Server => app.getHttpServer() as Server;

/** Closes the server: open requests get a moment, streams have been ended before. */
async function closeHttp(app: INestApplication): Promise<void> {
  const server = httpServer(app);
  const timer = setTimeout(() => server.closeAllConnections(), HTTP_CLOSE_MS);
  server.closeIdleConnections();
  await app.close();
  clearTimeout(timer);
}

async function listen(app: INestApplication, { host, port }: Configuration): Promise<string> {
  const server = httpServer(app);
  try {
    // Not through Nest, which logs a failure of its own beside the one line below.
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new Error(`The port ${port} on ${host} is in use: choose another one with PORT.`, { cause: error });
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Error(`Cannot listen on ${host}:${port} (${code}): check HOST and PORT.`, { cause: error });
    throw error;
  }
  const bound = server.address() as AddressInfo;
  const name = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
  return `http://${name === '0.0.0.0' || name === '[::]' ? '127.0.0.1' : name}:${bound.port}`;
}

/**
 * Starts everything: stores, read models, sagas, executor, API.
 * @throws Error in one line, where something is missing, in use or wrong
 */
export async function startEngine(configuration: Configuration): Promise<Engine> {
  const logger = loggerFor(configuration);
  const teardown = new Teardown();
  try {
    const stores = await openStores(configuration, logger, teardown);
    const { feed, log } = stores.eventStore;
    const positions = new ReadModelPositions(stores.database);
    const readModels = new ReadModelsHealth(stores.database, log, feed, positions, await log.headPosition());
    const live = new EventFeedLiveTimeline(log, feed, positions, logger);
    const projections = new ProjectionRunner(stores.database, feed, log, positions, logger);
    const app = await NestFactory.create(AppModule.with(adapters(configuration, stores, positions, readModels, live, logger)), {
      logger: frameworkLogger(configuration),
      bodyParser: false,
      abortOnError: false,
    });
    configureHttp(app, configuration);
    await app.init();
    projections.start();
    teardown.add(() => projections.stop());
    await live.start();
    teardown.add(() => live.stop());
    const parts = [app.get(SagaRunner), app.get(StepExecutor), app.get(RetryTimers)] as const;
    const url = await listen(app, configuration);
    teardown.add(async () => {
      await live.stop();
      await Promise.all([closeHttp(app), ...parts.map((part) => part.stop())]);
    });
    for (const part of parts) await part.start();
    return {
      url,
      logger,
      failed: Promise.race([stores.database.failed, ...(stores.node ? [stores.node.failed] : [])]),
      stop: () => teardown.run(),
    };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/** Connects to the configured event store; to the embedded one of a running engine, where there is one. */
async function withEventStore<T>(configuration: Configuration, use: (connection: EventStoreDbConnection) => Promise<T>): Promise<T> {
  const logger = loggerFor({ ...configuration, logLevel: 'warn' });
  const teardown = new Teardown();
  try {
    refuseUnfinishedRestore(configuration.dataDir);
    let url = configuration.eventStoreUrl ?? runningNodeUrl(eventStoreFolder(configuration));
    if (url === undefined) {
      const node = await startEmbeddedNodeInWorker({ dataDir: eventStoreFolder(configuration) });
      teardown.add(() => node.stop());
      url = node.connectionString;
    }
    const connection = await connectEventStore(url, { logger });
    teardown.add(() => connection.close());
    return await use(connection);
  } finally {
    await teardown.run();
  }
}

/** Reads the configured event log, whether an engine runs on it or not. */
export const withEventLog = <T>(configuration: Configuration, use: (log: EventLog) => Promise<T>): Promise<T> =>
  withEventStore(configuration, ({ log }) => use(log));

/** Rebuilds read models; with the embedded database only while no engine runs. */
export async function rebuild(configuration: Configuration, names: readonly string[], say: (line: string) => void): Promise<void> {
  const { databaseUrl, dataDir } = configuration;
  if (databaseUrl === undefined && runningNodeUrl(eventStoreFolder(configuration)) !== undefined) {
    throw new Error(`An engine runs on ${dataDir}: stop it first, its embedded database serves one process.`);
  }
  const logger = loggerFor({ ...configuration, logLevel: 'warn' });
  await withEventStore(configuration, async ({ feed, log }) => {
    const database = await openDatabase({ dataDir, logger, ...(databaseUrl === undefined ? {} : { url: databaseUrl }) });
    try {
      await rebuildReadModels(database, feed, log, names, say);
    } finally {
      await database.close();
    }
  });
}
