import { DomainError } from '../../domain/workflow/workflow.errors.js';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { NewerEvent } from '../newer-event.js';
import type { Cause } from './cause.js';
import type { WorkflowDecisions } from './workflow-decisions.js';

/**
 * Carries out a command that what a read model shows led to. Where it is refused the run has gone on, which the read model is about to show.
 * A run that a newer version of the engine has written to is left to that one: it must not keep the others waiting that the caller goes through.
 * Answers whether anything came of it.
 * @throws EventLogUnavailable
 */
export async function unlessRefused(
  decisions: WorkflowDecisions,
  workflowId: number,
  command: WorkflowCommand,
  cause: Cause,
): Promise<boolean> {
  try {
    return (await decisions.execute(workflowId, command, cause)).events.length > 0;
  } catch (error) {
    if (error instanceof DomainError || error instanceof NewerEvent) return false;
    throw error;
  }
}
