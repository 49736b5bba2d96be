import type { Json, JsonObject } from '../../domain/json.js';
import type { ApprovalStatus, FailurePolicy, Priority, RunState, SkipCause, StepState, ToolLack } from '../../domain/workflow/lifecycle.js';
import type { RiskLevel } from '../../domain/risk/risk-level.js';
import type { StepError } from '../../domain/workflow/events/workflow-events.js';
import type { Wait, WaitKind } from '../../domain/workflow/waiting.js';
import type { DeliveryStatus } from '../../domain/notification/delivery.js';
import type { MessageType } from '../../domain/notification/notification.js';
import type { CatchUp, Overlap } from '../../domain/schedule/schedule.events.js';
import type { ScheduleStatus } from '../../domain/schedule/schedule.state.js';
import type { LoggedEntry } from '../timeline/logged-entry.js';

/** Times are ISO 8601 UTC strings with milliseconds. */
export interface WorkflowSummary {
  readonly workflowId: number;
  readonly userId: number;
  readonly intent: string;
  readonly state: RunState;
  /** Revision of the last event that is in the row. */
  readonly revision: number;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  /** Why the run failed or was cancelled. */
  readonly reason: string | null;
  /** The run that this one runs again. */
  readonly rerunOf: number | null;
  /** The run whose effects this one undoes. */
  readonly compensates: number | null;
  /** The run that this one copies as a shadow. */
  readonly forkOf: number | null;
  /** The schedule that submitted it, … */
  readonly scheduleId: number | null;
  /** … and for which occurrence; null where a person had it run at another time. */
  readonly scheduledFor: string | null;
  /** As it was submitted: nothing starts before, … */
  readonly startAt: string | null;
  /** … and a run that is not finished by then fails. */
  readonly deadline: string | null;
  readonly onFailure: FailurePolicy;
  readonly priority: Priority;
  readonly stepCount: number;
  /** In the order of the steps, what holds the whole run first; empty where nothing holds it. */
  readonly waitingFor: readonly Wait[];
  /** How its steps ended; null as long as the run has not. */
  readonly outcome: RunOutcome | null;
}

/** How many steps of a run ended in which way. */
export interface RunOutcome {
  readonly succeeded: number;
  /** For want of a step that they depend on, or because a person said so. */
  readonly skipped: number;
  /** Their approval was. */
  readonly rejected: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface WorkflowStepView {
  readonly stepId: number;
  readonly key: string;
  readonly name: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly riskLevel: RiskLevel;
  readonly state: StepState;
  readonly dependsOn: readonly string[];
  /** Attempts started. */
  readonly attempts: number;
  /** As planned until the step is ready, then as resolved. */
  readonly args: JsonObject;
  readonly output: Json;
  readonly error: StepError | null;
  readonly skipCause: SkipCause | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface WorkflowView extends WorkflowSummary {
  /** Runs that run this one again, oldest first. */
  readonly reruns: readonly number[];
  /** The run that undoes the effects of this one. */
  readonly compensatedBy: number | null;
  /** Shadows that copy this one, oldest first. */
  readonly forks: readonly number[];
  readonly steps: readonly WorkflowStepView[];
}

/** An approval request with the run that it belongs to. */
export interface ApprovalView {
  readonly approvalId: number;
  readonly workflowId: number;
  /** Whose run it is. */
  readonly userId: number;
  /** The run's intent. */
  readonly intent: string;
  readonly stepId: number;
  readonly stepName: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly riskLevel: RiskLevel;
  readonly reason: string;
  readonly status: ApprovalStatus;
  readonly args: JsonObject;
  readonly argsHash: string;
  readonly requestedAt: string;
  /** How often people were reminded of it. */
  readonly reminders: number;
  readonly decidedAt: string | null;
  readonly decidedBy: number | null;
  /** The decider's reason. */
  readonly decisionReason: string | null;
}

/** A failed attempt of a step. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly at: string;
  readonly error: StepError;
}

export interface DeadLetterView {
  readonly workflowId: number;
  /** Whose run it is. */
  readonly userId: number;
  /** The run's intent. */
  readonly intent: string;
  readonly stepId: number;
  readonly stepName: string;
  readonly tool: string;
  readonly attempts: number;
  readonly args: JsonObject;
  readonly error: StepError;
  readonly deadLetteredAt: string;
  /** Every attempt that failed, oldest first; also those from before a person had it tried again. */
  readonly failures: readonly FailedAttempt[];
}

export interface DeadLetterFilter {
  readonly tool?: string;
  /** Of its error. */
  readonly code?: string;
  readonly userId?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; ask for it to get the next page. Null at the end. */
  readonly nextCursor: string | null;
}

/** A cursor that this engine did not give out. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

export type RunStatus = Pick<WorkflowSummary, 'state' | 'waitingFor'>;

export interface WorkflowFilter {
  readonly userId?: number;
  readonly state?: RunState;
  /** Runs that this schedule submitted. */
  readonly scheduleId?: number;
  /** Runs that something of this kind holds, or anything. */
  readonly waitingFor?: WaitKind | 'anything';
  /** Case-insensitive part of the intent. */
  readonly text?: string;
}

export interface PageRequest {
  readonly cursor?: string;
  readonly limit: number;
}

/** Newest first. @throws InvalidCursor */
export interface WorkflowsReader {
  find(workflowId: number): Promise<WorkflowView | undefined>;
  /** In which state it is, and what it waits for. */
  status(workflowId: number): Promise<RunStatus | undefined>;
  list(filter: WorkflowFilter, page: PageRequest): Promise<Page<WorkflowSummary>>;
}

export interface TimelineReader {
  /** Entries after the revision, oldest first. */
  list(workflowId: number, options: { readonly after?: number; readonly limit: number }): Promise<readonly LoggedEntry[]>;
}

/** `ofWorkflow`: oldest first. `list`: newest first. @throws InvalidCursor */
/** An open request of which people were reminded so many times. */
export type PendingApproval = Pick<ApprovalView, 'approvalId' | 'workflowId' | 'stepId' | 'reminders' | 'requestedAt'>;

export interface ApprovalsReader {
  /** Open requests of which people were reminded `reminders` times, longest waiting first. */
  pending(reminders: number, limit: number): Promise<readonly PendingApproval[]>;
  find(approvalId: number): Promise<ApprovalView | undefined>;
  ofWorkflow(workflowId: number): Promise<readonly ApprovalView[]>;
  list(filter: { readonly status?: ApprovalStatus }, page: PageRequest): Promise<Page<ApprovalView>>;
}

/** Newest first. @throws InvalidCursor */
export interface DeadLettersReader {
  list(filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetterView>>;
}

/** What becomes due: an attempt (`retry`), the start of a run, its deadline, or the end of one that is being stopped (`stop`). */
export type TimerKind = 'retry' | 'start' | 'deadline' | 'stop';

export interface PendingTimer {
  readonly kind: TimerKind;
  readonly workflowId: number;
  /** 0 for a timer of the run itself. */
  readonly stepId: number;
  readonly attempt: number;
  /** Milliseconds since the Unix epoch. */
  readonly dueAt: number;
}

export interface TimersReader {
  /** Those that are due first, soonest first. */
  next(limit: number): Promise<readonly PendingTimer[]>;
}

/** A tool as a node has it. */
export interface ToolOfNode {
  readonly tool: string;
  readonly toolVersion: string;
}

/** An attempt that waits for a node that can call its tool. */
export interface ToolWait extends ToolOfNode {
  readonly workflowId: number;
  readonly stepId: number;
  readonly attempt: number;
  readonly because: ToolLack;
  /** Whose run it is. */
  readonly userId: number;
}

export interface ToolWaitsReader {
  /** Those that wait for a node that has one of the tools, and on which it is not paused; longest first. */
  of(tools: readonly ToolOfNode[], limit: number): Promise<readonly ToolWait[]>;
  /** Those that wait for room within a limit to call one of the tools, but for runs of these people: the more urgent first, then the longest. Of one person at most a few, so that nobody's fill the answer. */
  limited(tools: readonly ToolOfNode[], exceptUsers: readonly number[], limit: number): Promise<readonly ToolWait[]>;
  /** Those that have waited since before a time (ISO 8601, UTC) for room to call tools other than these, longest first. */
  limitedOfOthers(tools: readonly ToolOfNode[], before: string, limit: number): Promise<readonly ToolWait[]>;
}

/** An event that a handler could not deal with. */
export interface ParkedEventView {
  readonly workflowId: number;
  /** Place of the event in its run's stream. */
  readonly revision: number;
  readonly handler: string;
  readonly eventType: string;
  readonly tries: number;
  readonly reason: string;
  readonly parkedAt: string;
}

/** Newest run first. @throws InvalidCursor */
export interface ParkedEventsReader {
  list(page: PageRequest): Promise<Page<ParkedEventView>>;
}

/** A schedule with what it came to. */
export interface ScheduleView {
  readonly scheduleId: number;
  readonly userId: number;
  readonly intent: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap: Overlap;
  readonly catchUp: CatchUp;
  readonly endsAt: string | null;
  readonly state: ScheduleStatus;
  readonly createdAt: string;
  /** Since when it is active, or was last. */
  readonly activeSince: string;
  /** The last occurrence that was run; null where none was. */
  readonly lastScheduledFor: string | null;
  /** Its run for that occurrence. */
  readonly lastOccurrenceId: number | null;
  /** Its last run, also one for no occurrence. */
  readonly lastWorkflowId: number | null;
  /** The last occurrence that was skipped; null where none was. */
  readonly skippedUpTo: string | null;
  readonly skipped: number;
}

export interface ScheduleFilter {
  readonly userId?: number;
  readonly state?: ScheduleStatus;
}

/** Newest first. @throws InvalidCursor */
export interface SchedulesReader {
  find(scheduleId: number): Promise<ScheduleView | undefined>;
  list(filter: ScheduleFilter, page: PageRequest): Promise<Page<ScheduleView>>;
  /** Every one that is active. */
  active(): Promise<readonly ScheduleView[]>;
  countActive(): Promise<number>;
}

/** A try to deliver a message. */
export interface DeliveryTry {
  readonly try: number;
  readonly begunAt: string;
  /** Null: it is under way, or its node was not heard of again. */
  readonly endedAt: string | null;
  readonly statusCode: number | null;
  readonly error: string | null;
}

/** A message to a channel. */
export interface DeliveryView {
  readonly deliveryId: string;
  readonly channelId: number;
  readonly type: MessageType;
  readonly title: string;
  /** Null where it is about no run. */
  readonly workflowId: number | null;
  readonly state: DeliveryStatus;
  /** The digest that it is told in; null where it is told by itself. */
  readonly digestId: string | null;
  readonly plannedAt: string;
  /** When a try is due, or the one under way counts as lost; null where none is to come. */
  readonly dueAt: string | null;
  readonly deliveredAt: string | null;
  /** Why it was given up. */
  readonly reason: string | null;
  /** The last ones, oldest first. */
  readonly tries: readonly DeliveryTry[];
}

export interface DeliveryFilter {
  readonly state?: DeliveryStatus;
  readonly channelId?: number;
}

export interface DueDelivery {
  readonly deliveryId: string;
  readonly channelId: number;
  readonly dueAt: string;
}

/** Newest first. @throws InvalidCursor */
export interface DeliveriesReader {
  list(filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryView>>;
  /** Those that are due first, soonest first; but for those named, those to channels that are held, and what is more than a test to channels that are disabled. */
  due(
    heldChannels: readonly number[],
    disabledChannels: readonly number[],
    exceptDeliveries: readonly string[],
    limit: number,
  ): Promise<readonly DueDelivery[]>;
  /** When something arrived through the channel last; null where nothing ever did. */
  lastSuccessAt(channelId: number): Promise<string | null>;
}

/** How many there are of what operators look at. */
export interface ReadModelCounts {
  readonly runs: Readonly<Partial<Record<RunState, number>>>;
  readonly deadLetters: number;
  readonly parkedEvents: number;
  readonly openApprovals: number;
}

export interface CountsReader {
  counts(): Promise<ReadModelCounts>;
}

export type ReadModelName =
  | 'workflows'
  | 'timeline'
  | 'approvals'
  | 'dead-letters'
  | 'timers'
  | 'tool-waits'
  | 'parked-events'
  | 'schedules'
  | 'analytics'
  | 'deliveries';

/** How far the read models are: those named, or every one. */
export interface ReadModelProgress {
  /** Waits until they hold all events up to the log position that are theirs; false when that took longer than `timeoutMs`. */
  waitFor(position: bigint, timeoutMs: number, names?: readonly ReadModelName[]): Promise<boolean>;
  /** Position up to which they are complete; 0n before the first event. */
  position(names?: readonly ReadModelName[]): Promise<bigint>;
  /** Calls back after rows of them were committed (on any process' behalf where it is known). Returns how to stop that. */
  onCommit(listener: () => void, names?: readonly ReadModelName[]): () => void;
}

export const WORKFLOWS_READER = Symbol('WorkflowsReader');
export const TIMELINE_READER = Symbol('TimelineReader');
export const APPROVALS_READER = Symbol('ApprovalsReader');
export const DEAD_LETTERS_READER = Symbol('DeadLettersReader');
export const TOOL_WAITS_READER = Symbol('ToolWaitsReader');
export const PARKED_EVENTS_READER = Symbol('ParkedEventsReader');
export const SCHEDULES_READER = Symbol('SchedulesReader');
export const DELIVERIES_READER = Symbol('DeliveriesReader');
export const TIMERS_READER = Symbol('TimersReader');
export const READ_MODEL_PROGRESS = Symbol('ReadModelProgress');
