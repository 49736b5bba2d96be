import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { isFinalRunState } from '../../domain/workflow/lifecycle.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import type { Schedule } from '../../domain/schedule/schedule.state.js';
import type { SkipReason } from '../../domain/schedule/schedule.events.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { Rounds } from '../execution/rounds.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { nothingBetween } from '../nothing-between.js';
import { EVENT_FEED, type EventFeed } from '../ports/event-feed.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import {
  READ_MODEL_PROGRESS,
  SCHEDULES_READER,
  type ReadModelProgress,
  type ScheduleView,
  type SchedulesReader,
} from '../ports/read-models.js';
import { RECURRENCE, type Recurrence } from '../ports/recurrence.js';
import { bySystem } from '../workflow/cause.js';
import { OccurrenceIsSkipped, SubmissionClaims } from '../workflow/submission-claims.js';
import { SubmitIntent } from '../workflow/submit-intent.command.js';
import { WORKFLOW_STREAM_PREFIX } from '../workflow/workflow-codec.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { MOST_DUE, nextOccurrence, occurrencesBetween, settledUpTo } from './occurrences.js';
import { SCHEDULE_STREAM_PREFIX } from './schedule-codec.js';
import { ScheduleDecisions } from './schedule-decisions.js';
import { scheduledSubmission } from './scheduled-submission.js';

/** Schedules dealt with in one round. */
const ROUND = 200;
/** The read model is asked at least this often, in milliseconds: another node may have made a schedule. */
const LONGEST_WAIT_MS = 5_000;
/** … and at most this often. */
const SHORTEST_WAIT_MS = 50;
/** How long a round waits for the read model to have what was written before it, in milliseconds. */
const CATCH_UP_MS = 5_000;
/** An occurrence that is later than this, in milliseconds, was missed. */
const IN_TIME_MS = 60_000;

/** Streams of whose events the read model is made. */
const STREAMS = [SCHEDULE_STREAM_PREFIX, WORKFLOW_STREAM_PREFIX];

const ACTOR = bySystem('schedules').actor;

/**
 * Submits what schedules are due for. Whichever node comes first submits an occurrence, and one that is submitted twice is one run: the occurrence stands for it.
 * What is due is asked of the read model, whether it still counts of the schedule itself.
 */
@Injectable()
export class Schedules {
  private readonly rounds: Rounds;
  private unlisten: (() => void) | undefined;
  /** The next occurrence of each, by the time after which it was looked for: reckoning costs more than reading. */
  private next = new Map<number, { readonly after: number; readonly at: number | undefined }>();

  constructor(
    @Inject(SCHEDULES_READER) private readonly schedules: SchedulesReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    @Inject(RECURRENCE) private readonly recurrence: Recurrence,
    private readonly decisions: ScheduleDecisions,
    private readonly runs: WorkflowDecisions,
    private readonly claims: SubmissionClaims,
    private readonly commands: CommandBus,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(EVENT_FEED) private readonly feed: EventFeed,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(BACKGROUND_LOOPS) loops: BackgroundLoops,
  ) {
    this.rounds = new Rounds(loops, {
      name: 'submitting what is scheduled',
      longestWaitMs: LONGEST_WAIT_MS,
      shortestWaitMs: SHORTEST_WAIT_MS,
      round: () => this.submitDue(),
    });
  }

  start(): void {
    this.unlisten = this.progress.onCommit(() => this.rounds.wake(), ['schedules']);
    this.rounds.start();
  }

  async stop(): Promise<void> {
    this.unlisten?.();
    await this.rounds.stop();
  }

  /** One round. Answers with the milliseconds until there should be another. */
  async submitDue(): Promise<number> {
    const now = this.clock.now();
    if (this.dueOf(await this.schedules.active(), now).due.length > 0) {
      // Over rows from before the last run an occurrence would be taken for one that nobody has dealt with.
      if (!(await this.knowsAll())) throw new Error('the read model of schedules is behind: nothing is submitted');
    }
    const { due, soonest } = this.dueOf(await this.schedules.active(), now);
    const dealt = await Promise.allSettled(due.slice(0, ROUND).map((schedule) => this.deal(schedule, now)));
    const failed = dealt.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    if (due.length > ROUND || dealt.some((outcome) => outcome.status === 'fulfilled' && outcome.value === 'more')) return 0;
    return Math.min(LONGEST_WAIT_MS, soonest === undefined ? LONGEST_WAIT_MS : soonest - now);
  }

  /** Whether the read model has what is in the log now. */
  private async knowsAll(): Promise<boolean> {
    const head = await this.log.headPosition();
    const nothingIsMissing = async (): Promise<boolean> => {
      const position = await this.progress.position(['schedules']);
      return position >= head || nothingBetween(this.feed, position, head, STREAMS, CATCH_UP_MS);
    };
    return (await nothingIsMissing()) || (await this.progress.waitFor(head, CATCH_UP_MS, ['schedules'])) || nothingIsMissing();
  }

  /** Those whose next occurrence has come, and when the next one of another comes. */
  private dueOf(active: readonly ScheduleView[], now: number): { readonly due: readonly ScheduleView[]; readonly soonest?: number } {
    const due: ScheduleView[] = [];
    let soonest: number | undefined;
    const known = new Map<number, { readonly after: number; readonly at: number | undefined }>();
    for (const schedule of active) {
      const after = settledUpTo(schedule.activeSince, schedule.lastScheduledFor, schedule.skippedUpTo);
      const held = this.next.get(schedule.scheduleId);
      const next = held?.after === after ? held : { after, at: nextOccurrence(this.recurrence, schedule, after) };
      known.set(schedule.scheduleId, next);
      if (next.at === undefined) continue;
      if (next.at <= now) due.push(schedule);
      else soonest = Math.min(soonest ?? next.at, next.at);
    }
    this.next = known;
    return { due, ...(soonest === undefined ? {} : { soonest }) };
  }

  private async deal(
    { scheduleId, lastScheduledFor, lastWorkflowId, lastOccurrenceId }: ScheduleView,
    now: number,
  ): Promise<'all' | 'more'> {
    const { state: schedule } = await this.decisions.read(scheduleId);
    if (schedule?.status !== 'active') return 'all';
    const { definition, activeSince, skippedUpTo } = schedule;
    const settled = settledUpTo(activeSince, lastScheduledFor, skippedUpTo);
    const due = occurrencesBetween(this.recurrence, definition, settled, now);
    const last = due.at(-1);
    if (last === undefined) return 'all';
    if (due.length === MOST_DUE) {
      await this.record(schedule, due.at(-2)!, 'missed', due.length - 1);
      return 'more';
    }
    if (due.length > 1) await this.record(schedule, due.at(-2)!, 'missed', due.length - 1);
    if (definition.catchUp === 'none' && now - last > IN_TIME_MS) {
      await this.skip(schedule, last, 'missed');
      return 'all';
    }
    // Neither the last run nor, where that one was by hand, the last one for an occurrence.
    if (definition.overlap === 'skip' && (await this.areUnfinished(lastWorkflowId, lastOccurrenceId)))
      await this.skip(schedule, last, 'overlap');
    else await this.submit(schedule, last);
    return 'all';
  }

  /** Whether any of the runs goes on. */
  private async areUnfinished(...workflowIds: readonly (number | null)[]): Promise<boolean> {
    for (const workflowId of new Set(workflowIds)) {
      const state = workflowId === null ? undefined : (await this.runs.read(workflowId)).state.state;
      if (state !== undefined && !isFinalRunState(state)) return true;
    }
    return false;
  }

  private async submit(schedule: Schedule, at: number): Promise<void> {
    const scheduledFor = new Date(at).toISOString();
    try {
      await this.claims.runOf({ scheduleId: schedule.scheduleId, scheduledFor });
      // Whoever paused or deleted it meanwhile has been told that nothing more comes.
      if ((await this.decisions.read(schedule.scheduleId)).state?.status !== 'active') return;
      await this.commands.execute(new SubmitIntent(scheduledSubmission(schedule, ACTOR, scheduledFor)));
    } catch (error) {
      if (error instanceof OccurrenceIsSkipped) {
        // Another node settled it and may have died before it recorded so.
        await this.record(schedule, at, error.because);
      } else if (error instanceof DomainError) {
        this.logger.error(`schedule ${schedule.scheduleId}: what it submits is refused: ${error.code}: ${error.message}`);
        await this.refuse(schedule, at, `${error.code}: ${error.message}`);
      } else {
        throw error;
      }
    }
  }

  /** Unless another node has settled that it is run: it may have died before it was. */
  private async skip(schedule: Schedule, at: number, because: SkipReason): Promise<void> {
    const run = await this.claims.skip({ scheduleId: schedule.scheduleId, scheduledFor: new Date(at).toISOString() }, because);
    if (run === null) await this.record(schedule, at, because);
    else await this.submit(schedule, at);
  }

  /** Unless another node, with other tools, has had it run. */
  private async refuse(schedule: Schedule, at: number, detail: string): Promise<void> {
    const run = await this.claims.skip({ scheduleId: schedule.scheduleId, scheduledFor: new Date(at).toISOString() }, 'refused');
    const isRun = run !== null && (await this.runs.read(run)).state.state !== undefined;
    if (!isRun) await this.record(schedule, at, 'refused', 1, detail);
  }

  private async record({ scheduleId }: Schedule, at: number, because: SkipReason, count = 1, detail?: string): Promise<void> {
    const data = {
      scheduledFor: new Date(at).toISOString(),
      because,
      ...(count === 1 ? {} : { count }),
      ...(detail === undefined ? {} : { detail }),
    };
    try {
      await this.decisions.execute(scheduleId, { type: 'SkipOccurrence', data }, ACTOR);
    } catch (error) {
      // Deleted meanwhile.
      if (!(error instanceof DomainError)) throw error;
    }
  }
}
