import { DomainError } from '../../domain/workflow/workflow.errors.js';

export const workflowNotFound = (workflowId: number): DomainError =>
  new DomainError('workflow.not-found', `There is no workflow ${workflowId}.`);
