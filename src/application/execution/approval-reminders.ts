import { Inject, Injectable } from '@nestjs/common';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import {
  APPROVALS_READER,
  READ_MODEL_PROGRESS,
  type ApprovalsReader,
  type PendingApproval,
  type ReadModelProgress,
} from '../ports/read-models.js';
import { bySystem } from '../workflow/cause.js';
import { unlessRefused } from '../workflow/unless-refused.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { Rounds } from './rounds.js';

export interface ReminderSettings {
  /** After how long people are reminded of an open request, ascending, in milliseconds; none: never. */
  readonly afterMs: readonly number[];
}

export const REMINDER_SETTINGS = Symbol('ReminderSettings');

/** Reminders recorded in one round, of requests that were reminded of equally often. */
const ROUND = 200;
/** The read model is asked at least this often, in milliseconds: requests may have been made by another node. */
const LONGEST_WAIT_MS = 60_000;
/** … and at most this often. */
const SHORTEST_WAIT_MS = 1_000;

/**
 * Records that nobody has decided about a request for a while, of which channels then tell. Whichever node comes first records it; a request that became old while no
 * engine ran is told of once.
 */
@Injectable()
export class ApprovalReminders {
  private readonly rounds: Rounds;
  private unlisten: (() => void) | undefined;

  constructor(
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
    @Inject(APPROVALS_READER) private readonly approvals: ApprovalsReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    private readonly decisions: WorkflowDecisions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKGROUND_LOOPS) loops: BackgroundLoops,
  ) {
    this.rounds = new Rounds(loops, {
      name: 'reminding of approvals',
      longestWaitMs: LONGEST_WAIT_MS,
      shortestWaitMs: SHORTEST_WAIT_MS,
      round: () => this.remindDue(),
    });
  }

  start(): void {
    if (this.settings.afterMs.length === 0) return;
    this.unlisten = this.progress.onCommit(() => this.rounds.wake(), ['approvals']);
    this.rounds.start();
  }

  async stop(): Promise<void> {
    this.unlisten?.();
    await this.rounds.stop();
  }

  /** One round. Answers with the milliseconds until there should be another. @throws ReadModelUnavailable, EventLogUnavailable */
  async remindDue(): Promise<number> {
    const { afterMs } = this.settings;
    let waitMs = LONGEST_WAIT_MS;
    for (const [given, firstMs] of afterMs.entries()) {
      const pending = await this.approvals.pending(given, ROUND);
      const now = this.clock.now();
      const waited = ({ requestedAt }: PendingApproval): number => now - Date.parse(requestedAt);
      const due = pending.filter((one) => waited(one) >= firstMs);
      await Promise.all(
        due.map((one) => {
          const { workflowId, stepId, approvalId } = one;
          const reminder = afterMs.filter((ms) => ms <= waited(one)).length;
          const command = { type: 'RemindApproval', data: { stepId, approvalId, reminder } } as const;
          return unlessRefused(this.decisions, workflowId, command, bySystem('reminders'));
        }),
      );
      const next = pending[due.length];
      if (due.length === ROUND) waitMs = SHORTEST_WAIT_MS;
      else if (next) waitMs = Math.min(waitMs, firstMs - waited(next));
    }
    return waitMs;
  }
}
