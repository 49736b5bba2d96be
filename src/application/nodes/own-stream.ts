import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../domain/json.js';
import { RevisionConflict, type Actor, type EventLog } from '../ports/event-log.js';
import { SCHEMA_VERSION } from '../workflow/workflow-codec.js';

/** A fact for a stream that no run has. */
export interface OwnFact {
  readonly type: string;
  readonly data: object;
}

/** A stream that only this process writes to, and of which only the newest events stay readable. One append at a time. */
export class OwnStream {
  private isLimited = false;
  /** Of its last event, as far as it is known. */
  private revision = -1;

  constructor(
    private readonly log: EventLog,
    private readonly streamId: string,
    private readonly actor: Actor,
    /** Events that stay readable. */
    private readonly kept: number,
  ) {}

  /** @throws EventLogUnavailable */
  async append(...facts: readonly OwnFact[]): Promise<void> {
    if (!this.isLimited) await this.log.keepLast(this.streamId, this.kept);
    this.isLimited = true;
    const metadata = { $correlationId: this.streamId, commandId: randomUUID(), actor: this.actor, schemaVersion: SCHEMA_VERSION };
    const events = facts.map(({ type, data }) => ({ id: randomUUID(), type, data: data as JsonObject, metadata }));
    const append = () => this.log.append(this.streamId, events, this.revision < 0 ? 'no-stream' : this.revision);
    const { revision } = await append().catch(async (error: unknown) => {
      if (!(error instanceof RevisionConflict)) throw error;
      // Nobody else writes here: something whose outcome was unknown has arrived.
      this.revision = (await this.log.readLast(this.streamId))?.revision ?? -1;
      return append();
    });
    this.revision = Math.max(this.revision, revision);
  }
}
