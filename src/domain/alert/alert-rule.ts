/** What is watched. Part of the API and of events: never rename one. */
export const ALERT_KINDS = ['failure_rate', 'stuck_run', 'approval_backlog', 'read_models_behind'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

interface Named {
  /** As the configuration calls it: what people see, and what tells it from others. */
  readonly name: string;
}

/** Of the attempts that ended within the window, more than a part failed. */
export interface FailureRateRule extends Named {
  readonly kind: 'failure_rate';
  readonly windowMs: number;
  /** From 0 to 1. */
  readonly above: number;
  /** With fewer attempts than this nothing is said. */
  readonly atLeast: number;
  /** Every tool where it is absent. */
  readonly tool?: string;
}

/** Nothing has happened for so long in a run that goes on, is not paused, and waits for no approval. */
export interface StuckRunRule extends Named {
  readonly kind: 'stuck_run';
  readonly longerThanMs: number;
}

/** More approvals wait than that, or one for longer than that. */
export interface ApprovalBacklogRule extends Named {
  readonly kind: 'approval_backlog';
  readonly moreThan?: number;
  readonly olderThanMs?: number;
}

/** For so long the read models have not reached what the log held at the beginning of that time. */
export interface ReadModelsBehindRule extends Named {
  readonly kind: 'read_models_behind';
  readonly longerThanMs: number;
}

export type AlertRule = FailureRateRule | StuckRunRule | ApprovalBacklogRule | ReadModelsBehindRule;
