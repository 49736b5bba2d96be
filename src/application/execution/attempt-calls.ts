import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '../message-of.js';
import { idempotencyKeyOf } from '../../domain/workflow/idempotency-key.js';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { stepOf, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import { LEASES, type Leases } from '../nodes/leases.js';
import type { Verdict } from '../ports/event-feed.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { TOOLS, type ToolOutcome, type ToolPlace, type Tools } from '../ports/tools.js';
import { bySystem, type Cause } from '../workflow/cause.js';
import { DEFAULT_TIME_ZONE } from '../workflow/default-time-zone.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { INTERRUPTED, type ToStart } from './attempt.js';
import { EXECUTOR_SETTINGS, type ExecutorSettings } from './executor-settings.js';
import { ShadowCalls } from './shadow-calls.js';
import type { StartPermit } from './start-limits.js';
import { ACK, STOPPING } from '../verdicts.js';

/** A start whose answer took longer is looked at again before its tool is called, in milliseconds: somebody may have stopped the run, or taken the attempt for lost. */
const SLOW_START_MS = 1_000;
/** Pause between tries to record an outcome while the event store is away, in milliseconds. */
const OUTCOME_RETRY_MS = 1_000;

/** Why attempts are aborted that are to be made again. */
export const SHUT_DOWN = Symbol('shut down');
export const LEASE_LOST = Symbol('lease lost');
const HANDED_BACK: ReadonlyMap<unknown, string> = new Map([
  [SHUT_DOWN, 'The engine was shut down while the attempt ran.'],
  [LEASE_LOST, 'The node that ran the attempt could not renew its lease.'],
]);

type OutcomeCommand = WorkflowCommand<'RecordStepSuccess' | 'RecordStepFailure' | 'RefuseStepResult'>;

/** To keep what a worker says though it does not count. */
function refusalOf(command: WorkflowCommand<'RecordStepSuccess' | 'RecordStepFailure'>): OutcomeCommand {
  const { stepId, attempt, worker } = command.data;
  const result = command.type === 'RecordStepSuccess' ? { output: command.data.output } : { error: command.data.error };
  return { type: 'RefuseStepResult', data: { stepId, attempt, worker, result } };
}

/** An attempt whose start is asked for. */
export interface Begun {
  readonly attempt: ToStart;
  readonly place: ToolPlace;
  readonly permit: StartPermit;
  /** Id of the event that made it ready. */
  readonly causedBy: string;
  /** When the start was asked for, of the process' own clock. */
  readonly askedAt: number;
  /** Tells it to stop. */
  readonly controller: AbortController;
  /** Aborted when the process is to end. */
  readonly stopping: AbortSignal;
}

/** Calls the tools of attempts whose starts are stored, and records what comes of it. */
@Injectable()
export class AttemptCalls {
  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(TOOLS) private readonly tools: Tools,
    private readonly shadows: ShadowCalls,
    @Inject(LEASES) private readonly leases: Leases,
    @Inject(EXECUTOR_SETTINGS) private readonly settings: ExecutorSettings,
    @Inject(DEFAULT_TIME_ZONE) private readonly defaultTimeZone: string,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Answers with the verdict on the delivery of the attempt. @param known the run after the start @throws what keeps it from being called */
  async call(begun: Begun, known: WorkflowState): Promise<Verdict> {
    const { attempt: ready, place, permit, causedBy, askedAt, controller, stopping } = begun;
    const { workflowId, stepId, attempt, tool } = ready;
    const { signal } = controller;
    const state = this.leases.isHeld() && performance.now() - askedAt < SLOW_START_MS ? known : await this.stillOurs(begun);
    if (!state) {
      place.leave();
      permit.giveBack();
      // Where nobody knows whose it is, the next one to get it looks.
      return stopping.aborted ? STOPPING : ACK;
    }
    const step = stepOf(state, stepId)!;
    const cause = bySystem(this.settings.worker, causedBy);
    if (state.fork) {
      const output = await this.shadows.outputOf(state, step);
      return this.record(workflowId, this.outcomeCommand(ready, { kind: 'success', output }, signal), cause, stopping);
    }
    const outcome = await this.tools.call({
      tool,
      place,
      args: step.args!,
      timeZone: state.timeZone ?? this.defaultTimeZone,
      idempotencyKey: idempotencyKeyOf(state, step),
      attempt,
      signal,
    });
    return this.record(workflowId, this.outcomeCommand(ready, outcome, signal), cause, stopping);
  }

  /**
   * The run as it is now, once this node is sure of its lease; undefined where the attempt is not its own any more. One of a run that is being stopped is aborted, and calls nothing: since it
   * was begun somebody may have been answered that nothing more begins.
   */
  private async stillOurs({ attempt: ready, controller, stopping }: Begun): Promise<WorkflowState | undefined> {
    for (;;) {
      if (this.leases.isHeld()) {
        const state = await this.decisions.read(ready.workflowId).then(
          (read) => read.state,
          (error: unknown) => void this.logger.warn(`the start of an attempt could not be confirmed yet: ${messageOf(error)}`),
        );
        const step = state && stepOf(state, ready.stepId);
        // The answer may have been slow in its turn.
        if (step && this.leases.isHeld()) {
          const isOurs = step.state === 'RUNNING' && step.attempt === ready.attempt && step.worker === this.settings.worker;
          if (isOurs && state.stopping) controller.abort();
          return isOurs ? state : undefined;
        }
      }
      // It has called nothing: whoever finds it later sees that nobody runs it.
      if (stopping.aborted) return undefined;
      await this.leases.nextLook(stopping);
    }
  }

  private outcomeCommand(
    { stepId, attempt }: ToStart,
    outcome: ToolOutcome,
    signal: AbortSignal,
  ): WorkflowCommand<'RecordStepSuccess' | 'RecordStepFailure'> {
    const of = { stepId, attempt, worker: this.settings.worker };
    if (outcome.kind === 'success') return { type: 'RecordStepSuccess', data: { ...of, output: outcome.output } };
    const why = signal.aborted ? HANDED_BACK.get(signal.reason) : undefined;
    if (why === undefined) return { type: 'RecordStepFailure', data: { ...of, error: outcome.error } };
    // What the tool says of its effect is kept: a call that was never made has none.
    const error = { ...INTERRUPTED, message: why, effect: outcome.error.effect };
    return { type: 'RecordStepFailure', data: { ...of, error } };
  }

  /** An outcome is not given up while the process lives: it is the only proof that the tool was called. */
  private async record(workflowId: number, command: OutcomeCommand, cause: Cause, stopping: AbortSignal): Promise<Verdict> {
    for (;;) {
      try {
        await this.decisions.execute(workflowId, command, cause);
        return ACK;
      } catch (error) {
        if (error instanceof DomainError) {
          this.logger.log(`a result came too late: ${error.message}`);
          if (command.type === 'RefuseStepResult') return ACK;
          return this.record(workflowId, refusalOf(command), cause, stopping);
        }
        const reason = messageOf(error);
        if (stopping.aborted) return { kind: 'retry', reason };
        this.logger.warn(`an outcome could not be recorded yet: ${reason}`);
        await delay(OUTCOME_RETRY_MS);
      }
    }
  }
}
