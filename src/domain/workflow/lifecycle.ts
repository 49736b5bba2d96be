/**
 * States of a run. While it is `PAUSED`, what runs finishes and nothing new starts. While it is `CANCELLING`, what runs is told to stop, and the run ends (as cancelled or
 * failed) when every attempt in flight has its outcome.
 */
export const RUN_STATES = ['PLANNING', 'RUNNING', 'PAUSED', 'CANCELLING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** States of a step. `FAILED` is left again while attempts remain (the next one is scheduled). */
export const STEP_STATES = ['PENDING', 'READY', 'RUNNING', 'BLOCKED', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED'] as const;
export type StepState = (typeof STEP_STATES)[number];

/** Why a step was skipped: its approval was rejected, a step it depends on was skipped, it failed for good in a run that goes on without it, or a person said so. */
export const SKIP_CAUSES = ['rejected', 'dependency', 'failure', 'person'] as const;
export type SkipCause = (typeof SKIP_CAUSES)[number];

/** What a run does about a step that failed for good: it waits for a person, it fails, or it goes on without the step and what depends on it. */
export const FAILURE_POLICIES = ['wait', 'fail', 'skip'] as const;
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];

/** Which of the steps that wait for the same thing comes first: those of more urgent runs, and among them the one that came first. */
export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Why a tool cannot be called: no node has it, it is paused, or the tool or the person whose run it is has had as many calls as may be for now. */
export const TOOL_LACKS = ['absent', 'paused', 'limited'] as const;
export type ToolLack = (typeof TOOL_LACKS)[number];

/** Whether a failed attempt had its effect on the world. */
export const EFFECT_CERTAINTIES = ['none', 'happened', 'unknown'] as const;
export type EffectCertainty = (typeof EFFECT_CERTAINTIES)[number];

export const APPROVAL_STATUSES = ['required', 'approved', 'rejected', 'expired', 'void'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const APPROVAL_VERDICTS = ['approve', 'reject'] as const;
export type ApprovalVerdict = (typeof APPROVAL_VERDICTS)[number];

/** The status of an approval by the verdict on it. */
export const DECIDED_STATUS = { approve: 'approved', reject: 'rejected' } as const satisfies Record<ApprovalVerdict, ApprovalStatus>;

/** Code of the failure of an attempt whose worker was lost. */
export const INTERRUPTED_CODE = 'attempt.interrupted';

export const isFinalRunState = (state: RunState): boolean => state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';

/** Whether a step has come to an end that the end of its run does not change. */
export const isSettledStepState = (state: StepState): boolean => state === 'SUCCEEDED' || state === 'SKIPPED' || state === 'FAILED';
