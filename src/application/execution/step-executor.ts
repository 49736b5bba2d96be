import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, type Command } from '@nestjs/cqrs';
import type { StepError, StepReady } from '../../domain/workflow/events/workflow-events.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { EVENT_FEED, type Delivery, type EventFeed, type GroupConsumer, type Verdict } from '../ports/event-feed.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { TOOLS, type ToolOutcome, type Tools } from '../ports/tools.js';
import { RecordStepFailure, RecordStepSuccess } from '../workflow/record-step-outcome.js';
import { StartStep } from '../workflow/start-step.js';
import { workflowEventOf } from '../workflow/workflow-codec.js';
import { Cancellations } from './cancellations.js';
import { stepKey } from './step-key.js';

export interface ExecutorSettings {
  /** Name of this process, unique among all that ever ran. */
  readonly worker: string;
  /** Steps that run at once. */
  readonly concurrency: number;
  /** How long running steps may take to finish at shutdown before they are aborted, in milliseconds. */
  readonly graceMs: number;
}

export const EXECUTOR_SETTINGS = Symbol('ExecutorSettings');

/** Consumer group: never rename. */
const GROUP = 'step-executor';
/** Deliveries of an event before the store parks it; attempts themselves are counted by the domain. */
const MAX_RETRIES = 20;
/** Pause between tries to record an outcome while the event store is away, in milliseconds. */
const OUTCOME_RETRY_MS = 1_000;

interface Running {
  readonly workflowId: number;
  readonly controller: AbortController;
  readonly verdict: Promise<Verdict>;
}

const keyOf = ({ workflowId, stepId, attempt }: StepReady): string => `${workflowId}/${stepId}/${attempt}`;

const INTERRUPTED: StepError = { code: 'attempt.interrupted', message: 'The process that ran the attempt went away.', retryable: true };

/**
 * Runs ready steps: records the start, calls the tool, records the outcome, and only then acknowledges. An attempt that is delivered while another process
 * is recorded as its runner was interrupted (that process has lost it): it failed, and the domain decides what follows.
 */
@Injectable()
export class StepExecutor {
  private readonly running = new Map<string, Running>();
  private consumer: GroupConsumer | undefined;
  private cancellations: Cancellations | undefined;
  private stopping = false;

  constructor(
    @Inject(EVENT_FEED) private readonly feed: EventFeed,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(TOOLS) private readonly tools: Tools,
    private readonly commands: CommandBus,
    @Inject(EXECUTOR_SETTINGS) private readonly settings: ExecutorSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    this.stopping = false;
    // From before the first start, so that no cancellation of a step that runs here is missed.
    const head = await this.log.headPosition();
    this.cancellations = new Cancellations(this.feed, (workflowId) => this.abort(workflowId), this.logger);
    this.cancellations.listen(head);
    const group = {
      name: GROUP,
      eventTypes: ['StepReady'],
      bufferSize: this.settings.concurrency,
      messageTimeoutMs: 0,
      maxRetryCount: MAX_RETRIES,
    };
    this.consumer = await this.feed.join(group, (delivery) => this.deliver(delivery));
  }

  /** Takes no more steps, lets the running ones finish, and aborts those that have not by the end of the grace period: they are handed back. */
  async stop(): Promise<void> {
    this.stopping = true;
    const stopped = this.consumer?.stop();
    const grace = setTimeout(() => {
      this.logger.warn(`${this.running.size} steps did not finish in ${this.settings.graceMs} ms and are aborted`);
      for (const { controller } of this.running.values()) controller.abort();
    }, this.settings.graceMs);
    await stopped;
    clearTimeout(grace);
    await this.cancellations?.close();
  }

  private async deliver({ event: recorded }: Delivery): Promise<Verdict> {
    const event = workflowEventOf(recorded);
    if (event?.type !== 'StepReady') return { kind: 'ack' };
    const key = keyOf(event.data);
    const current = this.running.get(key);
    // Delivered again over a new connection while it still runs here: both deliveries have the one outcome.
    if (current) return current.verdict;
    const controller = new AbortController();
    const verdict = this.run(event.data, recorded.id, controller.signal).finally(() => this.running.delete(key));
    this.running.set(key, { workflowId: event.data.workflowId, controller, verdict });
    return verdict;
  }

  private async run(ready: StepReady, causedBy: string, signal: AbortSignal): Promise<Verdict> {
    const { workflowId, stepId, attempt, tool } = ready;
    const { worker } = this.settings;
    const attemptOf = { workflowId, stepId, attempt, causedBy };
    try {
      const started = await this.commands.execute(new StartStep({ ...attemptOf, worker }));
      if (!started.startedNow) {
        await this.record(new RecordStepFailure({ ...attemptOf, worker: started.worker, error: INTERRUPTED }));
        return { kind: 'ack' };
      }
      const outcome = await this.tools.call({
        tool,
        args: started.args,
        timeZone: started.timeZone,
        idempotencyKey: stepKey(ready),
        attempt,
        signal,
      });
      return await this.record(this.outcomeCommand(outcome, attemptOf, signal));
    } catch (error) {
      if (error instanceof DomainError) {
        // The attempt is over or the run is finished: there is nothing to do for this delivery, now or later.
        return { kind: 'ack' };
      }
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`step ${stepId} of workflow ${workflowId} could not be started and will be tried again: ${reason}`);
      return { kind: 'retry', reason };
    }
  }

  private outcomeCommand(
    outcome: ToolOutcome,
    attempt: { readonly workflowId: number; readonly stepId: number; readonly attempt: number; readonly causedBy: string },
    signal: AbortSignal,
  ): Command<void> {
    const { worker } = this.settings;
    if (outcome.kind === 'success') return new RecordStepSuccess({ ...attempt, worker, output: outcome.output });
    const handedBack = this.stopping && signal.aborted;
    const error = handedBack ? { ...INTERRUPTED, message: 'The engine was shut down while the attempt ran.' } : outcome.error;
    return new RecordStepFailure({ ...attempt, worker, error });
  }

  /** An outcome is not given up while the process lives: it is the only proof that the tool was called. */
  private async record(command: Command<void>): Promise<Verdict> {
    for (;;) {
      try {
        await this.commands.execute(command);
        return { kind: 'ack' };
      } catch (error) {
        if (error instanceof DomainError) {
          this.logger.log(`a result came too late: ${error.message}`);
          return { kind: 'ack' };
        }
        const reason = error instanceof Error ? error.message : String(error);
        if (this.stopping) return { kind: 'retry', reason };
        this.logger.warn(`an outcome could not be recorded yet: ${reason}`);
        await delay(OUTCOME_RETRY_MS);
      }
    }
  }

  private abort(workflowId: number): void {
    for (const run of this.running.values()) if (run.workflowId === workflowId) run.controller.abort();
  }
}
