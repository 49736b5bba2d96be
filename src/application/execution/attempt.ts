import type { StepError, StepReady } from '../../domain/workflow/events/workflow-events.js';
import { INTERRUPTED_CODE } from '../../domain/workflow/lifecycle.js';

export type Attempt = Pick<StepReady, 'workflowId' | 'stepId' | 'attempt'>;

/** What has to be known of an attempt to start it. */
export type ToStart = Attempt & Pick<StepReady, 'tool'>;

/** Names an attempt. */
export const keyOf = ({ workflowId, stepId, attempt }: Attempt): string => `${workflowId}/${stepId}/${attempt}`;

/** How an attempt ended whose worker was lost. */
export const INTERRUPTED: StepError = {
  code: INTERRUPTED_CODE,
  message: 'The process that ran the attempt went away.',
  retryable: true,
  effect: 'unknown',
};
