import { isStopEventType, type WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { StepRows } from '../projection/run-rows.js';
import { DeadLetterRow } from './dead-letter.row.js';

/** A person has decided about the letter. */
const isDecision = (event: WorkflowEvent): event is WorkflowEvent<'StepRetryRequested' | 'StepSkipped' | 'StepSucceeded'> =>
  event.type === 'StepRetryRequested' ||
  (event.type === 'StepSkipped' && event.data.cause === 'person') ||
  (event.type === 'StepSucceeded' && event.data.byHand !== undefined);

/** Only letters that still wait for a person. */
export const deadLettersProjection: Projection<'dead-letters'> = {
  name: 'dead-letters',
  version: 2,
  rows: [DeadLetterRow],
  fold(batch, changes) {
    const rows = new StepRows<DeadLetterRow>();
    for (const { event } of batch) {
      if (event.type === 'StepDeadLettered') {
        const { at, name, ...letter } = event.data;
        rows.set({ ...letter, code: letter.error.code, stepName: name, deadLetteredAt: at });
      } else if (isDecision(event)) {
        rows.removeStep(event.data.workflowId, event.data.stepId);
      } else if (isStopEventType(event.type)) {
        rows.removeRun(event.data.workflowId);
      }
    }
    rows.save(changes, DeadLetterRow);
  },
};
