import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../domain/json.js';
import { RevisionConflict, type Actor, type EventLog, type RecordedEvent } from './ports/event-log.js';
import { SCHEMA_VERSION } from './workflow/workflow-codec.js';

interface Fact {
  readonly type: string;
  readonly data: object;
}

/** A stream that each node folds for itself, and decides over: what it holds is little, and concerns all runs. */
export class FoldedStream<S> {
  private folded: S;
  private revision = -1;
  private last = 0n;

  /** @param evolve passes over what is not the engine's own; where it throws, e.g. NewerEvent, nothing is read beyond that event, and reading again begins with it */
  constructor(
    private readonly log: EventLog,
    readonly streamId: string,
    initial: S,
    private readonly evolve: (state: S, event: RecordedEvent) => S,
  ) {
    this.folded = initial;
  }

  /** As this process last read it. */
  get state(): S {
    return this.folded;
  }

  /** Log position of the last event that this process has read; 0n where there is none. */
  get position(): bigint {
    return this.last;
  }

  /** As the log has it now. @throws EventLogUnavailable; what `evolve` throws */
  async read(): Promise<S> {
    for await (const event of this.log.readStream(this.streamId, { from: this.revision + 1 })) this.apply(event);
    return this.folded;
  }

  /**
   * Decides over what is there, and again where another process was quicker.
   * @param correlationId of the events
   * @throws what `decide` and `evolve` throw; EventLogUnavailable
   */
  async decide<F extends Fact>(
    decide: (state: S) => readonly F[] | Promise<readonly F[]>,
    actor: Actor,
    correlationId = this.streamId,
  ): Promise<readonly F[]> {
    for (;;) {
      const state = await this.read();
      const { revision } = this;
      const facts = await decide(state);
      if (facts.length === 0 || (await this.append(facts, revision, actor, correlationId))) return facts;
    }
  }

  /** False: another process was quicker. */
  private async append(facts: readonly Fact[], revision: number, actor: Actor, correlationId: string): Promise<boolean> {
    const metadata = { $correlationId: correlationId, commandId: randomUUID(), actor, schemaVersion: SCHEMA_VERSION };
    const events = facts.map(({ type, data }) => ({ id: randomUUID(), type, data: data as JsonObject, metadata }));
    try {
      await this.log.append(this.streamId, events, revision < 0 ? 'no-stream' : revision);
    } catch (error) {
      if (error instanceof RevisionConflict) return false;
      throw error;
    }
    await this.read();
    return true;
  }

  private apply(event: RecordedEvent): void {
    // Two readings may go on at once.
    if (event.revision <= this.revision) return;
    this.folded = this.evolve(this.folded, event);
    this.revision = event.revision;
    this.last = event.position;
  }
}
