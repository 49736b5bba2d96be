import type { Json, JsonObject } from '../../domain/json.js';
import type { ApprovalStatus, RunState, StepState } from '../../domain/workflow/lifecycle.js';
import type { RiskLevel } from '../../domain/risk/risk-level.js';
import type { StepError } from '../../domain/workflow/events/workflow-events.js';
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
  readonly stepCount: number;
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
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** What holds a run that is not finished: a person's decision, a step that used up its attempts, or the time of another attempt. */
export interface WaitView {
  readonly kind: 'approval' | 'dead_letter' | 'retry';
  readonly stepId: number;
  /** Null where only the end is known. */
  readonly since: string | null;
  /** When it ends by itself; null where it needs a person. */
  readonly until: string | null;
  readonly approvalId: number | null;
}

export interface WorkflowView extends WorkflowSummary {
  /** In the order of the steps; empty where nothing holds the run. */
  readonly waitingFor: readonly WaitView[];
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
  readonly decidedAt: string | null;
  readonly decidedBy: number | null;
  /** The decider's reason. */
  readonly decisionReason: string | null;
}

export interface DeadLetterView {
  readonly workflowId: number;
  readonly stepId: number;
  readonly stepName: string;
  readonly tool: string;
  readonly attempts: number;
  readonly args: JsonObject;
  readonly error: StepError;
  readonly deadLetteredAt: string;
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

export interface WorkflowFilter {
  readonly userId?: number;
  readonly state?: RunState;
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
  summary(workflowId: number): Promise<WorkflowSummary | undefined>;
  list(filter: WorkflowFilter, page: PageRequest): Promise<Page<WorkflowSummary>>;
}

export interface TimelineReader {
  /** Entries after the revision, oldest first. */
  list(workflowId: number, options: { readonly after?: number; readonly limit: number }): Promise<readonly LoggedEntry[]>;
}

/** `ofWorkflow`: oldest first. `list`: newest first. @throws InvalidCursor */
export interface ApprovalsReader {
  find(approvalId: number): Promise<ApprovalView | undefined>;
  ofWorkflow(workflowId: number): Promise<readonly ApprovalView[]>;
  list(filter: { readonly status?: ApprovalStatus }, page: PageRequest): Promise<Page<ApprovalView>>;
}

/** Newest first. @throws InvalidCursor */
export interface DeadLettersReader {
  list(page: PageRequest): Promise<Page<DeadLetterView>>;
}

/** A retry that waits for its time. */
export interface PendingRetry {
  readonly workflowId: number;
  readonly stepId: number;
  readonly attempt: number;
  /** Milliseconds since the Unix epoch. */
  readonly dueAt: number;
}

export interface RetryTimersReader {
  /** The retries that are due first, soonest first. */
  next(limit: number): Promise<readonly PendingRetry[]>;
}

export type ReadModelName = 'workflows' | 'timeline' | 'approvals' | 'dead-letters' | 'retry-timers';

/** How far the read models are: those named, or every one. */
export interface ReadModelProgress {
  /** Waits until they hold all events up to the log position; false when that took longer than `timeoutMs`. */
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
export const RETRY_TIMERS_READER = Symbol('RetryTimersReader');
export const READ_MODEL_PROGRESS = Symbol('ReadModelProgress');
