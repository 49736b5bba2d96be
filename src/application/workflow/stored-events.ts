import { Inject, Injectable } from '@nestjs/common';
import type { WorkflowEvent, WorkflowEventType } from '../../domain/workflow/events/workflow-events.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { METRICS, type CountedOutcome, type Metrics } from '../ports/metrics.js';
import type { Cause } from './cause.js';

const OUTCOME_OF: ReadonlyMap<WorkflowEventType, CountedOutcome> = new Map([
  ['StepSucceeded', 'succeeded'],
  ['StepFailed', 'failed'],
  ['StepSkipped', 'skipped'],
  ['StepDeadLettered', 'dead_lettered'],
]);

/** Tells operators of what this process has stored: how steps ended, and which of them wait for a person. */
@Injectable()
export class StoredEvents {
  constructor(
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nothing was stored: another process wrote to the run first. */
  conflicted(): void {
    this.metrics.conflict();
  }

  stored(event: WorkflowEvent, { actor }: Cause): void {
    const outcome = OUTCOME_OF.get(event.type);
    if (outcome === undefined) return;
    this.metrics.count(outcome);
    if (event.type !== 'StepDeadLettered') return;
    const { workflowId, stepId, name, tool, attempts, error } = event.data;
    const what = `step ${stepId} of workflow ${workflowId} ("${name}", ${tool})`;
    this.logger.error(
      `${what} failed for good after ${attempts} attempt${attempts === 1 ? '' : 's'}: ${error.code}: ${error.message} (${actor.kind} ${actor.id})`,
    );
  }
}
