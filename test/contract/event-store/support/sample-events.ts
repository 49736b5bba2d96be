import { randomUUID } from 'node:crypto';
import type { EventMetadata, NewEvent, RecordedEvent } from '../../../../src/application/ports/event-log.js';
import type { JsonObject } from '../../../../src/domain/json.js';

export const METADATA: EventMetadata = {
  $correlationId: 'run-1',
  $causationId: 'cause-1',
  commandId: 'command-1',
  actor: { kind: 'user', id: '7', authenticated: false },
  schemaVersion: 1,
};

export const sampleEvent = (data: JsonObject = {}, type = 'SampleHappened'): NewEvent => ({
  id: randomUUID(),
  type,
  data,
  metadata: METADATA,
});

/** `count` events with `data.n` counting from `first`. */
export const numbered = (count: number, first = 0, type?: string): NewEvent[] =>
  Array.from({ length: count }, (_, index) => sampleEvent({ n: first + index }, type));

export const numberOf = (event: Pick<RecordedEvent, 'data'>): number => event.data['n'] as number;
