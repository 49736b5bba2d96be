import type { EventRecord } from '@lifeos/event-store-node';
import type { EventMetadata } from '../../application/ports/event-log.js';
import { isAboutRun, WORKFLOW_STREAM_PREFIX } from '../../application/workflow/workflow-codec.js';
import type { StepStarted } from '../../domain/workflow/events/workflow-events.js';
import { keyPrefixOfRun } from '../../domain/workflow/idempotency-key.js';
import { slotId } from '../tools/outbox.js';

function metadataIn(bytes: Buffer): Partial<EventMetadata> {
  try {
    return JSON.parse(bytes.toString('utf8')) as Partial<EventMetadata>;
  } catch {
    return {}; // written by somebody else
  }
}

/** The outbox slots of the steps that a log knows to have been started: only they can have an effect that belongs to this log. */
export class StartedSteps {
  readonly #slots = new Set<string>();

  /** @throws NewerEvent: which entries belong to the log cannot be known by it */
  see({ stream: streamId, revision, type, data, metadata, isFiller, isHidden }: EventRecord): void {
    if (isHidden || isFiller || !streamId.startsWith(WORKFLOW_STREAM_PREFIX)) return;
    if (!isAboutRun({ streamId, revision, type, metadata: metadataIn(metadata) }) || type !== 'StepStarted') return;
    const started = JSON.parse(data.toString('utf8')) as StepStarted;
    this.#slots.add(slotId(started.tool, started.idempotencyKey ?? `${keyPrefixOfRun(started.workflowId)}/step-${started.stepId}`));
  }

  has(slot: string): boolean {
    return this.#slots.has(slot);
  }
}
