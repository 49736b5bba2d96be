import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../message-of.js';
import { isFinalRunState, type StepState } from '../../domain/workflow/lifecycle.js';
import { stepOf, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import type { Logger } from '../ports/logger.js';
import type { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { keyOf, type Attempt } from './attempt.js';

/** What was sent to the store and not answered is carried out within this time or not at all, in milliseconds. */
const LATEST_MS = 300_000;
/** Pause before the log is asked again, in milliseconds: doubles each time. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const OVER: ReadonlySet<StepState> = new Set<StepState>(['SUCCEEDED', 'SKIPPED', 'CANCELLED']);

/** Whether the start, which is not stored, may still come to be: nothing was stored since that it does not fit any more. */
function isPossible({ stepId, attempt }: Attempt, run: WorkflowState): boolean {
  const step = stepOf(run, stepId);
  if (run.state && isFinalRunState(run.state)) return false;
  // What made the attempt ready may be a part of what was not answered.
  return !step || (step.attempt <= attempt && step.lastStarted < attempt && !OVER.has(step.state));
}

interface Surroundings {
  /** Name of this process. */
  readonly worker: string;
  readonly decisions: WorkflowDecisions;
  readonly logger: Logger;
  /** Whether this process is at work on the attempt after all. */
  readonly isRunning: (ready: Attempt) => boolean;
  /** Records that the attempt was interrupted. @throws what keeps it from being recorded */
  readonly interrupt: (ready: Attempt, causedBy: string) => Promise<void>;
}

/**
 * Starts of which this process never heard whether they were stored. One that was, or will be when a slow store comes to it, stands in the log as running here, and nobody runs it: others leave it
 * alone for as long as this process holds its lease. It is looked at until it is known whose it is.
 */
export class DoubtfulStarts {
  private readonly watched = new Set<string>();

  constructor(private readonly around: Surroundings) {}

  /** Whether it is one of those: its tool was not called. */
  has(attempt: Attempt): boolean {
    return this.watched.has(keyOf(attempt));
  }

  /** Ends with the signal: then the lease ends too, and others see to it. Never rejects. */
  async watch(attempt: Attempt, causedBy: string, signal: AbortSignal): Promise<void> {
    const key = keyOf(attempt);
    if (this.watched.has(key)) return;
    this.watched.add(key);
    // From when the log answers: as long as it does not, something may be on its way to it.
    let latest = Infinity;
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
        const found = await this.look(attempt, causedBy);
        if (found === 'settled') return;
        if (found === 'not stored') latest = Math.min(latest, performance.now() + LATEST_MS);
        if (performance.now() > latest) return;
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
      }
    } finally {
      this.watched.delete(key);
    }
  }

  private async look(attempt: Attempt, causedBy: string): Promise<'settled' | 'not stored' | 'unknown'> {
    const { decisions, worker, logger, isRunning, interrupt } = this.around;
    try {
      const { state } = await decisions.read(attempt.workflowId);
      const step = stepOf(state, attempt.stepId);
      const isStored = step?.state === 'RUNNING' && step.attempt === attempt.attempt && step.worker === worker;
      if (!isStored) return isPossible(attempt, state) ? 'not stored' : 'settled';
      // It may be begun once more meanwhile, and be found to have begun already.
      if (isRunning(attempt)) return 'unknown';
      await interrupt(attempt, causedBy);
      return 'settled';
    } catch (error) {
      logger.warn(`it is not known yet whether the start of an attempt was stored: ${messageOf(error)}`);
      return 'unknown';
    }
  }
}
