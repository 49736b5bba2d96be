import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import {
  READ_MODEL_PROGRESS,
  TIMERS_READER,
  type PendingTimer,
  type TimerKind,
  type ReadModelProgress,
  type TimersReader,
} from '../ports/read-models.js';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { bySystem } from '../workflow/cause.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';

/** Timers fired in one round. */
const ROUND = 200;
const COMMAND_OF: Readonly<Record<TimerKind, (timer: PendingTimer) => WorkflowCommand>> = {
  retry: ({ stepId, attempt }) => ({ type: 'RetryStep', data: { stepId, attempt } }),
  stop: () => ({ type: 'EndStopping', data: {} }),
};

/** As it is named where it stands still. */
const LOOP = 'firing timers';
/** The read model is asked at least this often, in milliseconds: they may have been set by another node. */
const LONGEST_WAIT_MS = 1_000;
/** … and at most this often: under load every commit would ask again. */
const SHORTEST_WAIT_MS = 25;

/**
 * Does what is due: attempts that are tried again, runs whose attempts had their time to end. The due times are in a read model, so waiting holds no worker and
 * survives a restart; whichever node comes first fires a timer, and one that is fired twice takes effect once.
 */
@Injectable()
export class Timers {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private woken = false;
  /** Of the process' own time, in milliseconds: the read model is not asked again before. */
  private restsUntil = 0;
  private stopped = true;
  private unlisten: (() => void) | undefined;

  constructor(
    @Inject(TIMERS_READER) private readonly timers: TimersReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    private readonly decisions: WorkflowDecisions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
  ) {}

  start(): void {
    this.stopped = false;
    this.unlisten = this.progress.onCommit(() => this.wake(), ['timers']);
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
    const pending = await this.timers.next(ROUND);
    const now = this.clock.now();
    const due = pending.filter(({ dueAt }) => dueAt <= now);
    const fired = await Promise.allSettled(due.map((timer) => this.fire(timer)));
    const failed = fired.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    // Fired ones leave the read model a moment later; its commit wakes us again.
    const soonest = pending.find(({ dueAt }) => dueAt > now);
    return Math.min(LONGEST_WAIT_MS, soonest ? soonest.dueAt - now : LONGEST_WAIT_MS);
  }

  private async fire(timer: PendingTimer): Promise<void> {
    try {
      await this.decisions.execute(timer.workflowId, COMMAND_OF[timer.kind](timer), bySystem('timers'));
    } catch (error) {
      // Refused: the step or the run has gone on; the read model will show it.
      if (!(error instanceof DomainError)) throw error;
    }
  }
}
