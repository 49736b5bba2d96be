import type { EventRecord } from '@lifeos/event-store-node';
import { workflowIdOf } from '../../application/workflow/workflow-codec.js';
import type { StepStarted } from '../../domain/workflow/events/workflow-events.js';
import { keyPrefixOfRun } from '../../domain/workflow/idempotency-key.js';
import { slotId } from '../tools/outbox.js';

/** The outbox slots of the steps that a log knows to have been started: only they can have an effect that belongs to this log. */
export class StartedSteps {
  readonly #slots = new Set<string>();

  see({ stream, type, data, isHidden }: EventRecord): void {
    if (type !== 'StepStarted' || isHidden || workflowIdOf(stream) === undefined) return;
    const started = JSON.parse(data.toString('utf8')) as StepStarted;
    this.#slots.add(slotId(started.tool, started.idempotencyKey ?? `${keyPrefixOfRun(started.workflowId)}/step-${started.stepId}`));
  }

  has(slot: string): boolean {
    return this.#slots.has(slot);
  }
}
