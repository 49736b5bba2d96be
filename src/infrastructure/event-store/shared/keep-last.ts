import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../domain/json.js';
import { RevisionConflict, type ExpectedRevision, type RecordedEvent } from '../../../application/ports/event-log.js';

export interface MetadataStream {
  readonly readLast: (streamId: string) => Promise<RecordedEvent | undefined>;
  readonly append: (
    streamId: string,
    event: { readonly id: string; readonly type: string; readonly data: JsonObject },
    expected: ExpectedRevision,
  ) => Promise<unknown>;
}

/** Has a stream show only its newest `count` events, by its metadata: other settings there stay. */
export async function keepLast({ readLast, append }: MetadataStream, streamId: string, count: number): Promise<void> {
  const metadataStream = `$$${streamId}`;
  for (;;) {
    const current = await readLast(metadataStream);
    if (current?.data['$maxCount'] === count) return;
    const changed = { id: randomUUID(), type: '$metadata', data: { ...current?.data, $maxCount: count } };
    try {
      await append(metadataStream, changed, current?.revision ?? 'no-stream');
      return;
    } catch (fault) {
      if (!(fault instanceof RevisionConflict)) throw fault; // else someone set something at the same time: look again
    }
  }
}
