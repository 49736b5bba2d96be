import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConsoleLogger, type InjectionToken, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { LOG_FILE, runningNodeUrl, startEmbeddedNode, startEmbeddedNodeInWorker, tolerateFailedCommits } from '@lifeos/event-store-node';
import { AppModule } from './app.module.js';
import { BACKGROUND_LOOPS, BackgroundLoops } from './application/background-loops.js';
import { EXECUTOR_SETTINGS } from './application/execution/executor-settings.js';
import { StepExecutor } from './application/execution/step-executor.js';
import { Pauses } from './application/pauses/pauses.js';
import { ToolOffers } from './application/execution/tool-offers.js';
import { LimitOffers } from './application/execution/limit-offers.js';
import { ApprovalReminders, REMINDER_SETTINGS } from './application/execution/approval-reminders.js';
import { Timers } from './application/execution/timers.js';
import { CLOCK } from './application/ports/clock.js';
import { EVENT_FEED } from './application/ports/event-feed.js';
import { EVENT_LOG, EVENT_LOG_SILENCE, EventLogUnavailable, type EventLog } from './application/ports/event-log.js';
import { FINGERPRINT } from './application/ports/fingerprint.js';
import { HEALTH_CHECKS, type HealthCheck } from './application/ports/health.js';
import { LIVE_TIMELINE } from './application/ports/live-timeline.js';
import { LOGGER, type Logger } from './application/ports/logger.js';
import { METRICS } from './application/ports/metrics.js';
import { NOTIFICATION_SENDER, NOTIFICATION_SETTINGS, SECRET_STORE } from './application/ports/notifications.js';
import { PLANNER } from './application/ports/planner.js';
import {
  APPROVALS_READER,
  DEAD_LETTERS_READER,
  DELIVERIES_READER,
  READ_MODEL_PROGRESS,
  PARKED_EVENTS_READER,
  SCHEDULES_READER,
  TIMERS_READER,
  TOOL_WAITS_READER,
  TIMELINE_READER,
  WORKFLOWS_READER,
} from './application/ports/read-models.js';
import { ALERT_SETTINGS, ALERT_SIGNS_READER } from './application/ports/alerts.js';
import { LeasedFeed } from './application/nodes/leased-feed.js';
import { LEASES, soleLeases, type Leases } from './application/nodes/leases.js';
import { NodeRegistry } from './application/nodes/node-registry.js';
import { SoleNode } from './application/nodes/sole-node.js';
import { NODES, type Nodes } from './application/ports/nodes.js';
import type { NodeLoad } from './domain/node/node-lease.js';
import { ENGINE_VERSION } from './infrastructure/system/engine-version.js';
import { AlertWatch } from './application/alerts/alert-watch.js';
import { DatabaseAlertSignsReader } from './infrastructure/read-models/alert-signs.reader.js';
import { RECURRENCE } from './application/ports/recurrence.js';
import { ANALYTICS_READER } from './application/ports/analytics.js';
import { CALENDAR } from './application/ports/calendar.js';
import { DatabaseAnalyticsReader } from './infrastructure/read-models/analytics/analytics.reader.js';
import { zoneCalendar } from './infrastructure/time/zone-calendar.js';
import { START_UP, type StartUp } from './application/ports/start-up.js';
import { TOOLS } from './application/ports/tools.js';
import { Notifications } from './application/notifications/notifications.js';
import { Schedules } from './application/schedules/schedules.js';
import { SagaRunner } from './application/sagas/saga-runner.js';
import { DEFAULT_TIME_ZONE } from './application/workflow/default-time-zone.js';
import { EventFeedLiveTimeline } from './application/timeline/event-feed-live-timeline.js';
import { DEFAULT_APPROVAL_THRESHOLD } from './application/workflow/submit-intent.command.js';
import { keptFolders } from './infrastructure/backup/kept-folders.js';
import { refuseUnfinishedRestore } from './infrastructure/backup/restore.js';
import { LOG_LEVELS, type Configuration } from './infrastructure/config/environment.js';
import { connectEventStore, openEventStore } from './infrastructure/event-store/eventstoredb/connect.js';
import { openInProcess } from './infrastructure/event-store/in-process/open-in-process.js';
import type { EventStoreConnection } from './infrastructure/event-store/shared/connection.js';
import { ChannelSender } from './infrastructure/notifications/channel-sender.js';
import { SecretFiles } from './infrastructure/notifications/secret-files.js';
import { RuleBasedPlanner } from './infrastructure/planners/rule-based/rule-based.planner.js';
import { DatabaseApprovalsReader } from './infrastructure/read-models/approvals/approvals.reader.js';
import { openDatabase, type Database } from './infrastructure/read-models/database/database.js';
import { DatabaseCountsReader } from './infrastructure/read-models/counts.reader.js';
import { DatabaseDeadLettersReader } from './infrastructure/read-models/dead-letters/dead-letters.reader.js';
import { DatabaseDeliveriesReader } from './infrastructure/read-models/deliveries/deliveries.reader.js';
import { ProjectionRunner } from './infrastructure/read-models/projection/projection-runner.js';
import { ReadModelPositions } from './infrastructure/read-models/projection/read-model-positions.js';
import { ReadModelsHealth } from './infrastructure/read-models/projection/read-models-health.js';
import { rebuildReadModels } from './infrastructure/read-models/projection/rebuild.js';
import { DatabaseToolWaitsReader } from './infrastructure/read-models/tool-waits/tool-waits.reader.js';
import { DatabaseParkedEventsReader } from './infrastructure/read-models/parked-events/parked-events.reader.js';
import { DatabaseSchedulesReader } from './infrastructure/read-models/schedules/schedules.reader.js';
import { DatabaseTimersReader } from './infrastructure/read-models/timers/timers.reader.js';
import { DatabaseTimelineReader } from './infrastructure/read-models/timeline/timeline.reader.js';
import { DatabaseWorkflowsReader } from './infrastructure/read-models/workflows/workflows.reader.js';
import { sha256Fingerprint } from './infrastructure/system/sha256-fingerprint.js';
import { systemClock } from './infrastructure/system/system-clock.js';
import { newWorkerName } from './infrastructure/system/worker-name.js';
import { PrometheusMetrics } from './infrastructure/telemetry/prometheus-metrics.js';
import { cronRecurrence } from './infrastructure/time/cron-recurrence.js';
import { createTools } from './infrastructure/tools/create-tools.js';
import type { Tool } from './infrastructure/tools/tool.js';
import { eventStoreFolder } from './event-store-node.js';
import { configureHttp } from './interfaces/http/configure-http.js';
import { readConsole } from './interfaces/http/console/console-files.js';
import { closeHttp, listen } from './interfaces/http/listening.js';

/** The built console, beside the built program; there is none beside the sources. */
const CONSOLE_FOLDER = fileURLToPath(new URL('./console/', import.meta.url));

/** A running engine. */
export interface Engine {
  /** Where its API is, e.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly logger: Logger;
  /** Resolves once everything runs: it waits for the event store, however long. Until then requests are refused. Rejects where that cannot come about. */
  readonly ready: Promise<void>;
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

interface OpenEventStore {
  readonly eventStore: EventStoreConnection;
  /** Of an embedded one: resolves if it takes no more writes. */
  readonly failed: Promise<Error>;
}

interface Stores extends OpenEventStore {
  readonly database: Database;
}

const never = new Promise<never>(() => undefined);

async function openConfiguredEventStore(
  configuration: Configuration,
  logger: Logger,
  loops: BackgroundLoops,
  teardown: Teardown,
): Promise<OpenEventStore> {
  const { eventStoreUrl, eventStoreAdapter } = configuration;
  const options = { dataDir: eventStoreFolder(configuration) };
  if (eventStoreUrl !== undefined || eventStoreAdapter === 'network') {
    const node = eventStoreUrl === undefined ? await startEmbeddedNodeInWorker(options) : undefined;
    if (node) teardown.add(() => node.stop());
    const eventStore = openEventStore(eventStoreUrl ?? node!.connectionString, { logger, loops });
    teardown.add(() => eventStore.close());
    return { eventStore, failed: node?.failed ?? never };
  }
  teardown.add(tolerateFailedCommits());
  const node = await startEmbeddedNode(options);
  teardown.add(() => node.stop());
  const eventStore = openInProcess(node, { logger, loops });
  teardown.add(() => eventStore.close());
  return { eventStore, failed: node.failed };
}

async function openStores(configuration: Configuration, logger: Logger, loops: BackgroundLoops, teardown: Teardown): Promise<Stores> {
  const { databaseUrl, dataDir } = configuration;
  refuseUnfinishedRestore(dataDir);
  const eventStore = await openConfiguredEventStore(configuration, logger, loops, teardown);
  const database = await openDatabase({ dataDir, logger, ...(databaseUrl === undefined ? {} : { url: databaseUrl }) });
  teardown.add(() => database.close());
  return { ...eventStore, database };
}

const healthChecks = ({ eventStore, database }: Stores, readModels: HealthCheck, loops: BackgroundLoops): readonly HealthCheck[] => [
  { name: 'event_store', check: async () => void (await eventStore.log.headPosition()) },
  { name: 'database', check: () => database.check() },
  readModels,
  loops,
];

/** This process among those that share its event store. */
interface Membership {
  readonly worker: string;
  readonly nodes: Nodes;
  readonly leases: Leases;
  /** Absent where it is the only one. */
  readonly registry?: NodeRegistry;
}

/** An embedded event store serves one engine; over another one there may be several. */
function membershipOf(
  { eventStoreUrl, leaseMs }: Configuration,
  load: () => NodeLoad,
  { log, feed }: EventStoreConnection,
  logger: Logger,
  loops: BackgroundLoops,
): Membership {
  const worker = newWorkerName();
  const startedAt = new Date(systemClock.now()).toISOString();
  const self = { worker, host: hostname(), pid: process.pid, version: ENGINE_VERSION, startedAt, leaseMs };
  if (eventStoreUrl === undefined) return { worker, nodes: new SoleNode(self, systemClock, load), leases: soleLeases };
  const registry = new NodeRegistry(self, load, { log, feed, clock: systemClock, logger, loops });
  return { worker, registry, nodes: registry, leases: registry };
}

function adapters(
  configuration: Configuration,
  stores: Stores,
  positions: ReadModelPositions,
  readModels: HealthCheck,
  live: EventFeedLiveTimeline,
  startUp: StartUp,
  loops: BackgroundLoops,
  logger: Logger,
  tools: readonly Tool[],
  origin: () => string,
  { worker, nodes, leases }: Membership,
): readonly Provider[] {
  const { eventStore, database } = stores;
  const { dataDir, approvalFrom, timeZone, workerConcurrency, shutdownGraceMs, limitsOfUsers, toolSettings } = configuration;
  const { mail, notifyPrivateNetworks: privateNetworks, channels, alertRules, remindAfterMs } = configuration;
  const pauses = new Pauses(eventStore.log, eventStore.feed, systemClock, loops, logger);
  const values: readonly (readonly [InjectionToken, unknown])[] = [
    [LOGGER, logger],
    [CLOCK, systemClock],
    [NODES, nodes],
    [LEASES, leases],
    [FINGERPRINT, sha256Fingerprint],
    [EVENT_LOG, eventStore.log],
    [EVENT_LOG_SILENCE, eventStore.silence],
    [START_UP, startUp],
    [EVENT_FEED, new LeasedFeed(eventStore.feed, leases, loops)],
    [LIVE_TIMELINE, live],
    [TOOLS, createTools({ outboxDir: keptFolders(dataDir).outbox, clock: systemClock, others: tools, settings: toolSettings })],
    [PLANNER, new RuleBasedPlanner()],
    [DEFAULT_APPROVAL_THRESHOLD, approvalFrom],
    [DEFAULT_TIME_ZONE, timeZone],
    [EXECUTOR_SETTINGS, { worker, concurrency: workerConcurrency, graceMs: shutdownGraceMs, users: limitsOfUsers }],
    [WORKFLOWS_READER, new DatabaseWorkflowsReader(database)],
    [TIMELINE_READER, new DatabaseTimelineReader(database)],
    [APPROVALS_READER, new DatabaseApprovalsReader(database)],
    [DEAD_LETTERS_READER, new DatabaseDeadLettersReader(database)],
    [TOOL_WAITS_READER, new DatabaseToolWaitsReader(database)],
    [PARKED_EVENTS_READER, new DatabaseParkedEventsReader(database)],
    [TIMERS_READER, new DatabaseTimersReader(database)],
    [SCHEDULES_READER, new DatabaseSchedulesReader(database)],
    [DELIVERIES_READER, new DatabaseDeliveriesReader(database)],
    [NOTIFICATION_SENDER, new ChannelSender({ privateNetworks, ...(mail && { mail }) })],
    [NOTIFICATION_SETTINGS, { worker, origin, ...(channels && { channels }) }],
    [REMINDER_SETTINGS, { afterMs: remindAfterMs }],
    [ALERT_SETTINGS, { rules: alertRules }],
    [ALERT_SIGNS_READER, new DatabaseAlertSignsReader(database)],
    [SECRET_STORE, new SecretFiles(path.join(dataDir, 'notifications'))],
    [RECURRENCE, cronRecurrence],
    [ANALYTICS_READER, new DatabaseAnalyticsReader(database)],
    [CALENDAR, zoneCalendar],
    [READ_MODEL_PROGRESS, positions],
    [Pauses, pauses],
    [HEALTH_CHECKS, [...healthChecks(stores, readModels, loops), pauses]],
    [BACKGROUND_LOOPS, loops],
    [METRICS, new PrometheusMetrics(eventStore.log, positions, new DatabaseCountsReader(database), loops)],
  ];
  return values.map(([provide, useValue]) => ({ provide, useValue }));
}

/** How long a start waits for the event store before it listens without it, in milliseconds. */
const PROMPT_MS = 1_000;

/** Whether the promise is kept by the time a start should have come about. Rejects with it. */
async function promptly(promise: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), PROMPT_MS)));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The event store may go away again after its first answer: then live timelines start from the next one. */
async function startFollowing(live: EventFeedLiveTimeline, eventStore: EventStoreConnection): Promise<void> {
  for (;;) {
    try {
      return await live.start();
    } catch (fault) {
      if (!(fault instanceof EventLogUnavailable)) throw fault;
    }
    await eventStore.firstAnswer();
  }
}

/**
 * Starts everything: stores, read models, sagas, executor, API. Where the event store does not answer, only the API is up for the time being, and refuses
 * requests; the rest follows by itself.
 * @param tools beside those of the catalogue
 * @throws Error in one line, where something is missing, in use or wrong
 */
export async function startEngine(configuration: Configuration, tools: readonly Tool[] = []): Promise<Engine> {
  const logger = loggerFor(configuration);
  const loops = new BackgroundLoops(logger);
  const teardown = new Teardown();
  try {
    const stores = await openStores(configuration, logger, loops, teardown);
    const { eventStore, database } = stores;
    const { feed, log } = eventStore;
    const positions = new ReadModelPositions(database, feed);
    const readModels = new ReadModelsHealth(database, log, positions);
    const live = new EventFeedLiveTimeline(log, feed, positions, logger, loops);
    const projections = new ProjectionRunner(database, feed, log, positions, logger);
    let load = (): NodeLoad => ({ running: 0, capacity: configuration.workerConcurrency });
    const membership = membershipOf(configuration, () => load(), eventStore, logger, loops);
    const { registry } = membership;
    const startUp = { isDone: false };
    // Where people reach the engine: known once it listens, unless it is configured.
    let origin = configuration.publicOrigins[0] ?? '';
    const app = await NestFactory.create(
      AppModule.with(adapters(configuration, stores, positions, readModels, live, startUp, loops, logger, tools, () => origin, membership)),
      {
        logger: frameworkLogger(configuration),
        bodyParser: false,
        abortOnError: false,
      },
    );
    configureHttp(app, configuration, readConsole(CONSOLE_FOLDER));
    await app.init();
    load = () => app.get(StepExecutor).load;
    const parts = [
      app.get(Pauses),
      app.get(SagaRunner),
      app.get(StepExecutor),
      app.get(Timers),
      app.get(ApprovalReminders),
      app.get(Schedules),
      app.get(Notifications),
      app.get(AlertWatch),
      app.get(ToolOffers),
      app.get(LimitOffers),
    ] as const;
    // After all that runs here has ended: then others need not wait for the lease to run out.
    if (registry) teardown.add(() => registry.stop());
    const begin = async (): Promise<void> => {
      readModels.expect(await eventStore.firstAnswer());
      await startFollowing(live, eventStore);
      projections.start();
      startUp.isDone = true;
    };
    const begun = begin();
    let ready = begun;
    teardown.add(() => projections.stop());
    teardown.add(() => live.stop());
    teardown.add(async () => {
      await live.stop();
      await Promise.all([closeHttp(app), ...parts.map((part) => part.stop())]);
    });
    let isReady = false;
    teardown.add(async () => {
      // What still waits for the event store would wait for ever, and go on behind the shutdown.
      if (!isReady) await eventStore.close();
      await Promise.allSettled([ready]);
    });
    const hasBegun = await promptly(begun);
    const url = await listen(app, configuration);
    origin ||= url;
    if (!hasBegun) logger.warn(`The event store does not answer: ${url} refuses requests until it does.`);
    ready = begun.then(async () => {
      await registry?.start();
      for (const part of parts) await part.start();
      isReady = true;
    });
    await promptly(ready);
    const failedStart = ready.then(
      () => never,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    return {
      url,
      logger,
      ready,
      failed: Promise.race([database.failed, failedStart, stores.failed]),
      stop: () => teardown.run(),
    };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

/**
 * Connects to the configured event store; to the embedded one of a running engine, where there is one.
 * @throws Error in one line, where nothing is stored in the data folder
 */
async function withEventStore<T>(configuration: Configuration, use: (connection: EventStoreConnection) => Promise<T>): Promise<T> {
  const logger = loggerFor({ ...configuration, logLevel: 'warn' });
  const teardown = new Teardown();
  try {
    refuseUnfinishedRestore(configuration.dataDir);
    const folder = eventStoreFolder(configuration);
    let url = configuration.eventStoreUrl ?? (await runningNodeUrl(folder));
    if (url === undefined) {
      // A mistyped folder is to be told of, not made: a new event store in it would answer that nothing ever happened.
      if (!existsSync(path.join(folder, LOG_FILE))) throw new Error(`There is no event log in ${folder}. Is LIFEOS_DATA_DIR right?`);
      const node = await startEmbeddedNodeInWorker({ dataDir: folder });
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
  if (databaseUrl === undefined && (await runningNodeUrl(eventStoreFolder(configuration))) !== undefined) {
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
