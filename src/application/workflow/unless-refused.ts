import { DomainError } from '../../domain/workflow/workflow.errors.js';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import type { Cause } from './cause.js';
import type { WorkflowDecisions } from './workflow-decisions.js';

/**
 * Carries out a command that what a read model shows led to. Where it is refused the run has gone on, which the read model is about to show.
 * @throws EventLogUnavailable
 */
export async function unlessRefused(
  decisions: WorkflowDecisions,
  workflowId: number,
  command: WorkflowCommand,
  cause: Cause,
): Promise<void> {
  try {
    await decisions.execute(workflowId, command, cause);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
}
