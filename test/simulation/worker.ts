import 'reflect-metadata';
import type { InjectionToken, Type } from '@nestjs/common';
import { CommandBus, type Command, type ICommandHandler } from '@nestjs/cqrs';
import { BACKGROUND_LOOPS, BackgroundLoops } from '../../src/application/background-loops.js';
import { LimitOffers } from '../../src/application/execution/limit-offers.js';
import { StartLimits } from '../../src/application/execution/start-limits.js';
import { EXECUTOR_SETTINGS, type ExecutorSettings } from '../../src/application/execution/executor-settings.js';
import { StepExecutor } from '../../src/application/execution/step-executor.js';
import { Timers } from '../../src/application/execution/timers.js';
import { ToolOffers } from '../../src/application/execution/tool-offers.js';
import { LeasedFeed } from '../../src/application/nodes/leased-feed.js';
import { LEASES, type Leases } from '../../src/application/nodes/leases.js';
import { NodeRegistry } from '../../src/application/nodes/node-registry.js';
import { Sequences } from '../../src/application/ids/sequences.js';
import { LiftPauseHandler } from '../../src/application/pauses/lift-pause.command.js';
import { Pauses } from '../../src/application/pauses/pauses.js';
import { SetPauseHandler } from '../../src/application/pauses/set-pause.command.js';
import { CLOCK, type Clock } from '../../src/application/ports/clock.js';
import { EVENT_FEED, type EventFeed } from '../../src/application/ports/event-feed.js';
import { EVENT_LOG, type EventLog } from '../../src/application/ports/event-log.js';
import { FINGERPRINT } from '../../src/application/ports/fingerprint.js';
import { LOGGER, type Logger } from '../../src/application/ports/logger.js';
import { METRICS } from '../../src/application/ports/metrics.js';
import { PLANNER, type Planner } from '../../src/application/ports/planner.js';
import { READ_MODEL_PROGRESS, TIMERS_READER, TOOL_WAITS_READER } from '../../src/application/ports/read-models.js';
import { TOOLS, type Tools } from '../../src/application/ports/tools.js';
import { SagaRunner } from '../../src/application/sagas/saga-runner.js';
import { CancelWorkflowHandler } from '../../src/application/workflow/cancel-workflow.command.js';
import { CompensateWorkflowHandler } from '../../src/application/workflow/compensate-workflow.command.js';
import { CompleteDeadLetterHandler } from '../../src/application/workflow/complete-dead-letter.command.js';
import { DecideApprovalHandler } from '../../src/application/workflow/decide-approval.command.js';
import { DEFAULT_TIME_ZONE } from '../../src/application/workflow/default-time-zone.js';
import { GiveUpWorkflowHandler } from '../../src/application/workflow/give-up-workflow.command.js';
import { PauseWorkflowHandler } from '../../src/application/workflow/pause-workflow.command.js';
import { PlanWorkflowHandler } from '../../src/application/workflow/plan-workflow.command.js';
import { ResumeWorkflowHandler } from '../../src/application/workflow/resume-workflow.command.js';
import { RetryDeadLetterHandler } from '../../src/application/workflow/retry-dead-letter.command.js';
import { ScheduleReadyStepsHandler } from '../../src/application/workflow/schedule-ready-steps.command.js';
import { SkipDeadLetterHandler } from '../../src/application/workflow/skip-dead-letter.command.js';
import { DEFAULT_APPROVAL_THRESHOLD, SubmitIntentHandler } from '../../src/application/workflow/submit-intent.command.js';
import { sha256Fingerprint } from '../../src/infrastructure/system/sha256-fingerprint.js';
import type { SimulatedReadModels } from './simulated-read-models.js';
import type { Owner } from './virtual-clock.js';

const HANDLERS: readonly Type<ICommandHandler>[] = [
  SubmitIntentHandler,
  PlanWorkflowHandler,
  ScheduleReadyStepsHandler,
  DecideApprovalHandler,
  CancelWorkflowHandler,
  CompensateWorkflowHandler,
  GiveUpWorkflowHandler,
  PauseWorkflowHandler,
  ResumeWorkflowHandler,
  RetryDeadLetterHandler,
  SkipDeadLetterHandler,
  CompleteDeadLetterHandler,
  SetPauseHandler,
  LiftPauseHandler,
];

/** What a worker is made of. A planted bug wraps one of the ports, or puts a class in the place of another. */
export interface WorkerParts {
  readonly owner: Owner;
  readonly log: EventLog;
  readonly feed: EventFeed;
  readonly tools: Tools;
  readonly clock: Clock;
  readonly planner: Planner;
  readonly readModels: SimulatedReadModels;
  readonly concurrency: number;
  readonly replaced?: ReadonlyMap<Type, Type>;
  readonly leases?: (leases: Leases) => Leases;
}

/** How long a worker's lease lasts, in milliseconds. */
export const LEASE_MS = 1_500;

const SILENT: Logger = { log: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * One process of the engine: the application's own classes over simulated ports. They are wired by what their decorators say, as Nest does it, for Nest itself would take longer
 * than the whole run of a seed.
 */
export class Worker {
  readonly owner: Owner;
  private readonly registry: NodeRegistry;
  private readonly made = new Map<unknown, unknown>();
  private readonly handlers = new Map<unknown, ICommandHandler>();
  private readonly replaced: ReadonlyMap<Type, Type>;

  constructor({
    owner,
    log,
    feed,
    tools,
    clock,
    planner,
    readModels,
    concurrency,
    replaced = new Map(),
    leases = (ofRegistry) => ofRegistry,
  }: WorkerParts) {
    this.owner = owner;
    this.replaced = replaced;
    const loops = new BackgroundLoops(SILENT);
    const settings: ExecutorSettings = { worker: owner.name, concurrency, graceMs: 300, users: { concurrency: 3 } };
    const rows = readModels.of(owner);
    const facts = {
      worker: owner.name,
      host: 'simulated',
      pid: 1,
      version: '1',
      startedAt: new Date(clock.now()).toISOString(),
      leaseMs: LEASE_MS,
    };
    this.registry = new NodeRegistry(facts, () => this.get(StepExecutor).load, { log, feed, clock, logger: SILENT, loops });
    const own = leases(this.registry);
    const values = new Map<InjectionToken, unknown>([
      [EVENT_LOG, log],
      [EVENT_FEED, new LeasedFeed(feed, own, loops)],
      [TOOLS, tools],
      [CLOCK, clock],
      [PLANNER, planner],
      [LOGGER, SILENT],
      [METRICS, { count: () => undefined, alerts: () => undefined, conflict: () => undefined }],
      [LEASES, own],
      [FINGERPRINT, sha256Fingerprint],
      [BACKGROUND_LOOPS, loops],
      [DEFAULT_APPROVAL_THRESHOLD, 'L3'],
      [DEFAULT_TIME_ZONE, 'UTC'],
      [EXECUTOR_SETTINGS, settings],
      [TIMERS_READER, rows],
      [TOOL_WAITS_READER, rows],
      [READ_MODEL_PROGRESS, rows],
      [Sequences, new Sequences(log)],
      [Pauses, new Pauses(log, feed, clock, loops, SILENT)],
      [CommandBus, { execute: (command: Command<unknown>) => this.execute(command) }],
      [
        StartLimits,
        new StartLimits(
          settings.users,
          (tool) => tools.manifest(tool)?.rate,
          () => clock.elapsed(),
        ),
      ],
    ]);
    for (const [token, value] of values) this.made.set(token, value);
    for (const handler of HANDLERS) this.handlers.set(Reflect.getMetadata('__commandHandler__', handler), this.get(handler));
  }

  get<T>(token: Type<T>): T {
    if (this.made.has(token)) return this.made.get(token) as T;
    const part = (this.replaced.get(token) ?? token) as Type<T>;
    const types = (Reflect.getMetadata('design:paramtypes', part) ?? []) as readonly Type[];
    const named = (Reflect.getMetadata('self:paramtypes', part) ?? []) as readonly { readonly index: number; readonly param: Type }[];
    const made = new part(...types.map((type, index): unknown => this.get(named.find((one) => one.index === index)?.param ?? type)));
    this.made.set(token, made);
    return made;
  }

  execute<T>(command: Command<T>): Promise<T> {
    const handler = this.handlers.get(command.constructor);
    if (!handler) return Promise.reject(new Error(`nobody handles ${command.constructor.name}`));
    return handler.execute(command) as Promise<T>;
  }

  /** In the engine's order. One that cannot start is started again by whoever runs it. */
  async start(): Promise<void> {
    await this.registry.start();
    await this.get(Pauses).start();
    await this.get(SagaRunner).start();
    await this.get(StepExecutor).start();
    for (const part of this.loops) part.start();
  }

  /** An orderly end. */
  async stop(): Promise<void> {
    await Promise.all([...this.loops, this.get(StepExecutor), this.get(SagaRunner)].map((part) => part.stop()));
    await this.get(Pauses).stop();
    await this.registry.stop();
  }

  private get loops() {
    return [this.get(Timers), this.get(ToolOffers), this.get(LimitOffers)];
  }
}
