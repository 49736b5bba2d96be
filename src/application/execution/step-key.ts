/** The idempotency key of a step, the same for all its attempts: outboxes and other services know the step by it, so never change it. */
export const stepKey = ({ workflowId, stepId }: { readonly workflowId: number; readonly stepId: number }): string =>
  `workflow-${workflowId}/step-${stepId}`;
