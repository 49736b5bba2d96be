import { Inject, Injectable } from '@nestjs/common';
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
import { Rounds } from './rounds.js';
import { unlessRefused } from '../workflow/unless-refused.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';

/** Timers fired in one round. */
const ROUND = 200;
const COMMAND_OF: Readonly<Record<TimerKind, (timer: PendingTimer) => WorkflowCommand>> = {
  retry: ({ stepId, attempt }) => ({ type: 'RetryStep', data: { stepId, attempt } }),
  start: () => ({ type: 'ReachStartTime', data: {} }),
  deadline: () => ({ type: 'MissDeadline', data: {} }),
  stop: () => ({ type: 'EndStopping', data: {} }),
};

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
  private readonly rounds: Rounds;
  private unlisten: (() => void) | undefined;

  constructor(
    @Inject(TIMERS_READER) private readonly timers: TimersReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    private readonly decisions: WorkflowDecisions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKGROUND_LOOPS) loops: BackgroundLoops,
  ) {
    this.rounds = new Rounds(loops, {
      name: 'firing timers',
      longestWaitMs: LONGEST_WAIT_MS,
      shortestWaitMs: SHORTEST_WAIT_MS,
      round: () => this.fireDue(),
    });
  }

  start(): void {
    this.unlisten = this.progress.onCommit(() => this.rounds.wake(), ['timers']);
    this.rounds.start();
  }

  async stop(): Promise<void> {
    this.unlisten?.();
    await this.rounds.stop();
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
    await unlessRefused(this.decisions, timer.workflowId, COMMAND_OF[timer.kind](timer), bySystem('timers'));
  }
}
