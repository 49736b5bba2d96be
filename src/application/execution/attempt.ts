import type { StepReady } from '../../domain/workflow/events/workflow-events.js';

export type Attempt = Pick<StepReady, 'workflowId' | 'stepId' | 'attempt'>;

/** Names an attempt. */
export const keyOf = ({ workflowId, stepId, attempt }: Attempt): string => `${workflowId}/${stepId}/${attempt}`;
