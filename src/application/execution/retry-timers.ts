import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import {
  READ_MODEL_PROGRESS,
  RETRY_TIMERS_READER,
  type PendingRetry,
  type ReadModelProgress,
  type RetryTimersReader,
} from '../ports/read-models.js';
import { bySystem } from '../workflow/cause.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';

/** Retries fired in one round. */
const ROUND = 200;
/** As it is named where it stands still. */
const LOOP = 'firing retries';
/** The read model is asked at least this often, in milliseconds: retries may have been scheduled by another node. */
const LONGEST_WAIT_MS = 1_000;
/** … and at most this often: under load every commit would ask again. */
const SHORTEST_WAIT_MS = 25;

/**
 * Fires scheduled attempts when they are due. The due times are in a read model, so waiting holds no worker and survives a restart; a retry that is
 * fired twice takes effect once.
 */
@Injectable()
export class RetryTimers {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private woken = false;
  /** Of the process' own time, in milliseconds: the read model is not asked again before. */
  private restsUntil = 0;
  private stopped = true;
  private unlisten: (() => void) | undefined;

  constructor(
    @Inject(RETRY_TIMERS_READER) private readonly retries: RetryTimersReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    private readonly decisions: WorkflowDecisions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
  ) {}

  start(): void {
    this.stopped = false;
    this.unlisten = this.progress.onCommit(() => this.wake(), ['retry-timers']);
    this.wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unlisten?.();
    clearTimeout(this.timer);
    await this.round;
  }

  private wake(): void {
    if (this.stopped) return;
    if (this.round) this.woken = true;
    else this.plan(this.restsUntil - performance.now());
  }

  private plan(waitMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), Math.max(0, waitMs));
  }

  private begin(): void {
    this.woken = false;
    this.round = this.fireDue()
      .then(
        (waitMs) => {
          this.loops.goesOn(LOOP);
          return waitMs;
        },
        (error: unknown) => {
          this.loops.standsStill(LOOP, error instanceof Error ? error.message : String(error));
          return LONGEST_WAIT_MS;
        },
      )
      .then((waitMs) => {
        this.round = undefined;
        if (this.stopped) return;
        this.restsUntil = performance.now() + SHORTEST_WAIT_MS;
        this.plan(this.woken ? SHORTEST_WAIT_MS : Math.max(SHORTEST_WAIT_MS, waitMs));
      });
  }

  /** Answers with the milliseconds until it should be called again. */
  private async fireDue(): Promise<number> {
    const pending = await this.retries.next(ROUND);
    const now = this.clock.now();
    const due = pending.filter(({ dueAt }) => dueAt <= now);
    const fired = await Promise.allSettled(due.map((retry) => this.fire(retry)));
    const failed = fired.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    // Fired ones leave the read model a moment later; its commit wakes us again.
    const soonest = pending.find(({ dueAt }) => dueAt > now);
    return Math.min(LONGEST_WAIT_MS, soonest ? soonest.dueAt - now : LONGEST_WAIT_MS);
  }

  private async fire({ workflowId, stepId, attempt }: PendingRetry): Promise<void> {
    try {
      await this.decisions.execute(workflowId, { type: 'RetryStep', data: { stepId, attempt } }, bySystem('retry-timer'));
    } catch (error) {
      // Refused: the step or the run has gone on; the read model will show it.
      if (!(error instanceof DomainError)) throw error;
    }
  }
}
