import { EventStoreDBClient, START } from '@eventstore/db-client';
import type { EventMetadata } from '../../../../src/application/ports/event-log.js';
import type { JsonObject } from '../../../../src/domain/json.js';
import type { StoredEvent } from '../../../simulation/simulated-log.js';

/** Kept from what the store reads at its end. */
const PATIENCE_MS = 5_000;

/** The whole log of an event store, read on as it grows, over a connection that no fault is put into. Events have the shape that the checkers of the simulation take. */
export class StoredLog {
  readonly events: StoredEvent[] = [];
  private client: EventStoreDBClient | undefined;

  /** @param shownBy the latest time, in milliseconds since the Unix epoch, that clocks on walls had shown by a time */
  constructor(
    private readonly port: number,
    private readonly shownBy: (time: number) => number,
  ) {}

  /** Reads what is new. Answers whether the store was there to be read. */
  async readOn(): Promise<boolean> {
    this.client ??= EventStoreDBClient.connectionString(`esdb://127.0.0.1:${this.port}?tls=false`);
    const last = this.events.at(-1)?.position;
    try {
      const from = last === undefined ? START : { commit: last, prepare: last };
      for await (const { event } of this.client.readAll({ fromPosition: from, deadline: PATIENCE_MS })) {
        if (!event || event.streamId.startsWith('$') || !event.isJson) continue;
        const position = event.position.commit;
        // What was there at the last reading is read again: it begins with it.
        if (position <= (this.events.at(-1)?.position ?? -1n)) continue;
        const revision = Number(event.revision);
        const time = new Date(event.created).getTime();
        this.events.push({
          id: event.id,
          type: event.type,
          streamId: event.streamId,
          revision,
          position,
          data: event.data as unknown as JsonObject,
          metadata: event.metadata as unknown as EventMetadata,
          step: this.events.length,
          time,
          shown: this.shownBy(time),
          // What its writer expected is not kept.
          expected: revision === 0 ? 'no-stream' : revision - 1,
        });
      }
      return true;
    } catch {
      await this.close();
      return false;
    }
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.dispose().catch(() => undefined);
  }
}
