import { isFinalEventType } from '../../../domain/workflow/events/workflow-events.js';
import type { Projection } from '../projection/projection.js';
import { StepRows } from '../projection/step-rows.js';
import { DeadLetterRow } from './dead-letter.row.js';

/** Only letters that still wait for a person. */
export const deadLettersProjection: Projection<'dead-letters'> = {
  name: 'dead-letters',
  version: 1,
  rows: [DeadLetterRow],
  fold(batch, changes) {
    const rows = new StepRows<DeadLetterRow>();
    for (const { event } of batch) {
      if (event.type === 'StepDeadLettered') {
        const { at, name, ...letter } = event.data;
        rows.set({ ...letter, stepName: name, deadLetteredAt: at });
      } else if (isFinalEventType(event.type)) {
        rows.removeRun(event.data.workflowId);
      }
    }
    rows.save(changes, DeadLetterRow);
  },
};
