/** States of a run. `PAUSED` is reserved for runs that an operator holds. */
export const RUN_STATES = ['PLANNING', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** States of a step. `FAILED` is left again while attempts remain (the next one is scheduled). */
export const STEP_STATES = ['PENDING', 'READY', 'RUNNING', 'BLOCKED', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED'] as const;
export type StepState = (typeof STEP_STATES)[number];

export const APPROVAL_STATUSES = ['required', 'approved', 'rejected', 'expired', 'void'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const APPROVAL_VERDICTS = ['approve', 'reject'] as const;
export type ApprovalVerdict = (typeof APPROVAL_VERDICTS)[number];

/** The status of an approval by the verdict on it. */
export const DECIDED_STATUS = { approve: 'approved', reject: 'rejected' } as const satisfies Record<ApprovalVerdict, ApprovalStatus>;

export const isFinalRunState = (state: RunState): boolean => state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';
