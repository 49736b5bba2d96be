import { Module, type DynamicModule, type InjectionToken, type Type } from '@nestjs/common';
import { CommandBus, CqrsModule, QueryBus, type Command, type Query } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { ApplicationModule } from '../../../src/application/application.module.js';
import { BACKGROUND_LOOPS, BackgroundLoops } from '../../../src/application/background-loops.js';
import { EXECUTOR_SETTINGS } from '../../../src/application/execution/executor-settings.js';
import { StepExecutor } from '../../../src/application/execution/step-executor.js';
import { Pauses } from '../../../src/application/pauses/pauses.js';
import { LimitOffers } from '../../../src/application/execution/limit-offers.js';
import type { LimitsOfUsers } from '../../../src/application/execution/start-limits.js';
import { TakingUp } from '../../../src/application/execution/taking-up.js';
import { ToolOffers } from '../../../src/application/execution/tool-offers.js';
import { REMINDER_SETTINGS } from '../../../src/application/execution/approval-reminders.js';
import { Timers } from '../../../src/application/execution/timers.js';
import { CLOCK, type Clock } from '../../../src/application/ports/clock.js';
import { EVENT_FEED, type EventFeed } from '../../../src/application/ports/event-feed.js';
import { EVENT_LOG } from '../../../src/application/ports/event-log.js';
import { FINGERPRINT } from '../../../src/application/ports/fingerprint.js';
import { LOGGER } from '../../../src/application/ports/logger.js';
import { METRICS, type CountedOutcome } from '../../../src/application/ports/metrics.js';
import { NOTIFICATION_SENDER, NOTIFICATION_SETTINGS, SECRET_STORE } from '../../../src/application/ports/notifications.js';
import { PLANNER, type Planner } from '../../../src/application/ports/planner.js';
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
  type ReadModelProgress,
  type ToolWait,
  type ToolWaitsReader,
} from '../../../src/application/ports/read-models.js';
import { NODES, type Nodes } from '../../../src/application/ports/nodes.js';
import { LeasedFeed } from '../../../src/application/nodes/leased-feed.js';
import { LEASES, soleLeases, type Leases } from '../../../src/application/nodes/leases.js';
import { ALERT_SETTINGS, ALERT_SIGNS_READER } from '../../../src/application/ports/alerts.js';
import { RECURRENCE } from '../../../src/application/ports/recurrence.js';
import { ANALYTICS_READER } from '../../../src/application/ports/analytics.js';
import { CALENDAR } from '../../../src/application/ports/calendar.js';
import { zoneCalendar } from '../../../src/infrastructure/time/zone-calendar.js';
import { TOOLS, type Tools } from '../../../src/application/ports/tools.js';
import { DeliveryPlanner } from '../../../src/application/notifications/delivery-planner.js';
import { Notifications } from '../../../src/application/notifications/notifications.js';
import { Schedules } from '../../../src/application/schedules/schedules.js';
import { SagaRunner } from '../../../src/application/sagas/saga-runner.js';
import { DEFAULT_TIME_ZONE } from '../../../src/application/workflow/default-time-zone.js';
import { DEFAULT_APPROVAL_THRESHOLD } from '../../../src/application/workflow/submit-intent.command.js';
import { WorkflowDecisions } from '../../../src/application/workflow/workflow-decisions.js';
import type { ApprovalThreshold } from '../../../src/domain/risk/approval-policy.js';
import { cronRecurrence } from '../../../src/infrastructure/time/cron-recurrence.js';
import { sha256Fingerprint } from '../../../src/infrastructure/system/sha256-fingerprint.js';
import { systemClock } from '../../../src/infrastructure/system/system-clock.js';
import { LogRecorder } from './log-recorder.js';
import { ScriptedTimers } from './scripted-timers.js';
import { echo, toolsOf } from './test-tools.js';
import type { TestStore } from './test-store.js';
import { WatchedLog } from './watched-log.js';

@Module({})
class TestPorts {}

export interface TestApplicationOptions {
  readonly tools?: Tools;
  readonly planner?: Planner;
  readonly clock?: Clock;
  readonly feed?: EventFeed;
  readonly approvalFrom?: ApprovalThreshold;
  readonly worker?: string;
  readonly concurrency?: number;
  readonly graceMs?: number;
  /** By default no other process is there: a worker of another name has gone. */
  readonly leases?: Leases;
  readonly users?: LimitsOfUsers;
  /** Readers and the progress of the read models, by their tokens. */
  readonly readModels?: ReadonlyMap<InjectionToken, object>;
  /** Other ports, by their tokens. */
  readonly others?: ReadonlyMap<InjectionToken, object>;
}

const NO_PLANNER: Planner = {
  name: 'none',
  plan: () => Promise.resolve({ kind: 'no-plan', code: 'intent.not-understood', reason: 'The test plans nothing.' }),
};

/** The application over a store, without an edge: one process, as far as the store can tell. */
export class TestApplication {
  readonly logger = new LogRecorder();
  /** Outcomes that were counted for operators. */
  readonly counted: CountedOutcome[] = [];
  readonly loops = new BackgroundLoops(this.logger);
  readonly retries = new ScriptedTimers();
  /** Steps that wait for a tool, as the read model would show those that this node has. */
  toolWaits: readonly ToolWait[] = [];
  /** Steps that wait for room within a limit, as the read model would show them. */
  limitedWaits: ToolWaitsReader['limited'] = () => Promise.resolve<readonly ToolWait[]>([]);
  strayWaits: ToolWaitsReader['limitedOfOthers'] = () => Promise.resolve<readonly ToolWait[]>([]);
  readonly log: WatchedLog;
  readonly pauses: Pauses;
  private readonly started: { stop(): Promise<void> }[] = [];
  private module!: Awaited<ReturnType<ReturnType<typeof Test.createTestingModule>['compile']>>;

  private constructor(readonly store: TestStore) {
    this.log = new WatchedLog(store.log);
    this.pauses = new Pauses(this.log, store.feed, systemClock, this.loops, this.logger);
  }

  static async create(store: TestStore, options: TestApplicationOptions = {}): Promise<TestApplication> {
    const application = new TestApplication(store);
    const imports = [CqrsModule.forRoot(), application.ports(options), ApplicationModule];
    application.module = await Test.createTestingModule({ imports }).compile();
    await application.module.init();
    return application;
  }

  get decisions(): WorkflowDecisions {
    return this.module.get(WorkflowDecisions, { strict: false });
  }

  get takingUp(): TakingUp {
    return this.module.get(TakingUp, { strict: false });
  }

  execute<T>(command: Command<T>): Promise<T> {
    return this.module.get(CommandBus, { strict: false }).execute(command);
  }

  ask<T>(query: Query<T>): Promise<T> {
    return this.module.get(QueryBus, { strict: false }).execute(query);
  }

  async startSagas(): Promise<SagaRunner> {
    return this.start(this.module.get(SagaRunner, { strict: false }));
  }

  async startExecutor(): Promise<StepExecutor> {
    return this.start(this.module.get(StepExecutor, { strict: false }));
  }

  async startTimers(): Promise<Timers> {
    return this.start(this.module.get(Timers, { strict: false }));
  }

  get schedules(): Schedules {
    return this.module.get(Schedules, { strict: false });
  }

  get<T>(part: Type<T>): T {
    return this.module.get(part, { strict: false });
  }

  get planner(): DeliveryPlanner {
    return this.module.get(DeliveryPlanner, { strict: false });
  }

  get notifications(): Notifications {
    return this.module.get(Notifications, { strict: false });
  }

  /** As the engine does once there is a channel. */
  async joinPlanner(): Promise<DeliveryPlanner> {
    const { planner } = this;
    this.started.push(planner);
    await planner.joinIfNeeded();
    return planner;
  }

  async startNotifications(): Promise<Notifications> {
    return this.start(this.notifications);
  }

  async startPauses(): Promise<Pauses> {
    return this.start(this.pauses);
  }

  async startToolOffers(): Promise<ToolOffers> {
    return this.start(this.module.get(ToolOffers, { strict: false }));
  }

  async startLimitOffers(): Promise<LimitOffers> {
    return this.start(this.module.get(LimitOffers, { strict: false }));
  }

  /** Stops what was started. */
  async close(): Promise<void> {
    await Promise.all(this.started.splice(0).map((part) => part.stop()));
    await this.module.close();
  }

  private async start<T extends { start(): void | Promise<void>; stop(): Promise<void> }>(part: T): Promise<T> {
    this.started.push(part);
    await part.start();
    return part;
  }

  private ports(options: TestApplicationOptions): DynamicModule {
    const { worker = 'worker-1', concurrency = 16, graceMs = 1_000, users = {}, leases = soleLeases, feed = this.store.feed } = options;
    const progress: ReadModelProgress = this.retries;
    const values = new Map<InjectionToken, unknown>([
      [LOGGER, this.logger],
      [Pauses, this.pauses],
      [METRICS, { count: (outcome: CountedOutcome) => this.counted.push(outcome), alerts: () => undefined, conflict: () => undefined }],
      [BACKGROUND_LOOPS, this.loops],
      [CLOCK, options.clock ?? systemClock],
      [RECURRENCE, cronRecurrence],
      [NODES, { list: () => [] } satisfies Nodes],
      [LEASES, leases],
      [REMINDER_SETTINGS, { afterMs: [] }],
      [ALERT_SETTINGS, { rules: [] }],
      [ALERT_SIGNS_READER, {}],
      [CALENDAR, zoneCalendar],
      [ANALYTICS_READER, {}],
      [FINGERPRINT, sha256Fingerprint],
      [EVENT_LOG, this.log],
      [EVENT_FEED, new LeasedFeed(feed, leases, this.loops)],
      [TOOLS, options.tools ?? toolsOf(echo())],
      [PLANNER, options.planner ?? NO_PLANNER],
      [DEFAULT_APPROVAL_THRESHOLD, options.approvalFrom ?? 'L3'],
      [DEFAULT_TIME_ZONE, 'UTC'],
      [EXECUTOR_SETTINGS, { worker, concurrency, graceMs, users }],
      [TIMERS_READER, this.retries],
      [
        TOOL_WAITS_READER,
        {
          of: () => Promise.resolve(this.toolWaits),
          limited: (...asked) => this.limitedWaits(...asked),
          limitedOfOthers: (...asked) => this.strayWaits(...asked),
        } satisfies ToolWaitsReader,
      ],
      [READ_MODEL_PROGRESS, progress],
      ...[
        WORKFLOWS_READER,
        TIMELINE_READER,
        APPROVALS_READER,
        DEAD_LETTERS_READER,
        PARKED_EVENTS_READER,
        SCHEDULES_READER,
        DELIVERIES_READER,
        NOTIFICATION_SENDER,
        SECRET_STORE,
      ].map((token) => [token, {}] as const),
      [NOTIFICATION_SETTINGS, { worker, origin: () => 'https://lifeos.example.org' }],
      ...(options.readModels ?? []),
      ...(options.others ?? []),
    ]);
    const providers = [...values].map(([provide, useValue]) => ({ provide, useValue }));
    return { module: TestPorts, global: true, providers, exports: [...values.keys()] };
  }
}

/** Applications of a test, closed after it. */
export function applicationsOver(store: () => TestStore): (options?: TestApplicationOptions) => Promise<TestApplication> {
  const created: TestApplication[] = [];
  afterEach(() => Promise.all(created.splice(0).map((application) => application.close())));
  return async (options) => {
    const application = await TestApplication.create(store(), options);
    created.push(application);
    return application;
  };
}
