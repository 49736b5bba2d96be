import { isFinalRunState, type ToolLack } from './lifecycle.js';
import type { StepRecord, WorkflowState } from './workflow.state.js';

/**
 * What can hold a run that is not finished: a pause of all of it or of a step's tool, its start time, a person's decision, a step that failed for good, the time of another attempt, a
 * tool that no node had, room within a limit, or an event that a part of the engine could not deal with. */
export const WAIT_KINDS = ['pause', 'start_time', 'parked', 'approval', 'dead_letter', 'retry', 'tool', 'limit'] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

/** Waits of one run that are told where the run itself is not what was asked for: in lists, timelines and streams. */
export const MOST_WAITS_LISTED = 100;

export interface Wait {
  readonly kind: WaitKind;
  /** Null where it is the whole run that waits. */
  readonly stepId: number | null;
  /** ISO 8601, UTC. Null where only the end is known. */
  readonly since: string | null;
  /** When it ends by itself, ISO 8601, UTC; null where it needs a person. */
  readonly until: string | null;
  readonly approvalId: number | null;
}

const KIND_OF_LACK: Readonly<Record<ToolLack, WaitKind>> = { absent: 'tool', paused: 'pause', limited: 'limit' };

/** What holds a run: first what holds all of it, then in the order of the steps. Nothing, where it goes on by itself or has ended. */
export function waitsOf(run: WorkflowState): readonly Wait[] {
  const { state, pausedAt, parked, stopping, startAt, startsLater, createdAt } = run;
  if (state === undefined || isFinalRunState(state) || stopping) return [];
  const ofRun = { stepId: null, until: null, approvalId: null };
  const waits: Wait[] = state === 'PAUSED' ? [{ ...ofRun, kind: 'pause', since: pausedAt }] : [];
  if (startsLater) waits.push({ ...ofRun, kind: 'start_time', since: createdAt, until: startAt });
  for (const { at } of parked) waits.push({ ...ofRun, kind: 'parked', since: at });
  for (const { plan, approval, deadLetteredAt, retryDueAt, lacksToolSince, toolLack } of run.steps) {
    const ofStep = { stepId: plan.stepId, since: null, until: null, approvalId: null };
    if (approval?.status === 'required')
      waits.push({ ...ofStep, kind: 'approval', since: approval.requestedAt, approvalId: approval.approvalId });
    else if (deadLetteredAt !== null) waits.push({ ...ofStep, kind: 'dead_letter', since: deadLetteredAt });
    else if (lacksToolSince !== null) waits.push({ ...ofStep, kind: KIND_OF_LACK[toolLack!], since: lacksToolSince });
    else if (retryDueAt !== null && state === 'RUNNING') waits.push({ ...ofStep, kind: 'retry', until: retryDueAt });
  }
  return waits;
}

/** Whether nothing more happens in a run until a person does something: nothing runs, is ready, or comes by itself. */
export function standsStill(run: WorkflowState): boolean {
  const { state, running, queue, steps, parked, startsLater } = run;
  if (state === 'PLANNING') return parked.length > 0;
  if ((state !== 'RUNNING' && state !== 'PAUSED') || running > 0) return false;
  if (state === 'PAUSED') return true;
  // What is to look at the queue may be what is parked.
  if (startsLater || (queue.size > 0 && parked.length === 0)) return false;
  const comesByItself = ({ state: stepState, lacksToolSince, toolLack, retryDueAt }: StepRecord): boolean =>
    retryDueAt !== null || (stepState === 'READY' && (lacksToolSince === null || toolLack === 'limited'));
  for (const step of steps) if (comesByItself(step)) return false;
  return true;
}
