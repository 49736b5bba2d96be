import { approvalsProjection } from '../approvals/approvals.projection.js';
import { deadLettersProjection } from '../dead-letters/dead-letters.projection.js';
import { retryTimersProjection } from '../retry-timers/retry-timers.projection.js';
import { timelineProjection } from '../timeline/timeline.projection.js';
import { workflowsProjection } from '../workflows/workflows.projection.js';
import type { Projection } from './projection.js';

/** Every read model. */
export const PROJECTIONS: readonly Projection[] = [
  workflowsProjection,
  timelineProjection,
  approvalsProjection,
  deadLettersProjection,
  retryTimersProjection,
];
