import type { Plan } from '../plan/plan.js';
import type { ApprovalThreshold } from '../risk/approval-policy.js';
import type { ByHand } from '../workflow/events/workflow-events.js';
import type { FailurePolicy, Priority } from '../workflow/lifecycle.js';

/** What becomes of an occurrence while the schedule's last run is unfinished. */
export const OVERLAPS = ['skip', 'allow'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** What becomes of occurrences that nobody was there to run: none of them is run, or the last one. */
export const CATCH_UPS = ['none', 'last'] as const;
export type CatchUp = (typeof CATCH_UPS)[number];

/** Why an occurrence was not run: the last run was unfinished, nobody was there in time, or the submission was refused. */
export type SkipReason = 'overlap' | 'missed' | 'refused';

/** What is submitted, and when. Never changes: another definition is another schedule. */
export interface ScheduleDefinition {
  readonly userId: number;
  readonly intent: string;
  /** Validated when the schedule was created, and again with every run: tools may have changed. */
  readonly plan?: Plan;
  readonly cron: string;
  /** An IANA name: of the cron expression, and of the runs. */
  readonly timeZone: string;
  readonly overlap: Overlap;
  readonly catchUp: CatchUp;
  readonly approvalFrom?: ApprovalThreshold;
  readonly onFailure?: FailurePolicy;
  readonly priority?: Priority;
  /** No occurrence comes after it, ISO 8601 UTC. */
  readonly endsAt?: string;
}

/** What every event of a schedule carries (`at`: ISO 8601, UTC). */
interface OfSchedule {
  readonly scheduleId: number;
  readonly at: string;
}

/** Names and fields are for ever. That an occurrence was run is no event of the schedule: the run is the record. */
export interface ScheduleEventData {
  readonly ScheduleCreated: OfSchedule & { readonly definition: ScheduleDefinition };
  readonly SchedulePaused: OfSchedule & ByHand;
  readonly ScheduleResumed: OfSchedule & ByHand;
  readonly ScheduleDeleted: OfSchedule & ByHand;
  readonly OccurrenceSkipped: OfSchedule & {
    /** The last one that it is about. */
    readonly scheduledFor: string;
    readonly because: SkipReason;
    /** How many it is about; 1 where it is absent. */
    readonly count?: number;
    /** For `refused`: why. */
    readonly detail?: string;
  };
}

export type ScheduleEventType = keyof ScheduleEventData;

export type ScheduleEvent<T extends ScheduleEventType = ScheduleEventType> = {
  readonly [K in T]: { readonly type: K; readonly data: ScheduleEventData[K] };
}[T];

const EVERY_TYPE: Readonly<Record<ScheduleEventType, true>> = {
  ScheduleCreated: true,
  SchedulePaused: true,
  ScheduleResumed: true,
  ScheduleDeleted: true,
  OccurrenceSkipped: true,
};

export const SCHEDULE_EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly ScheduleEventType[];
