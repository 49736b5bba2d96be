import {
  EventLogUnavailable,
  RevisionConflict,
  type AppendResult,
  type EventLog,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
} from '../../src/application/ports/event-log.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { SimulatedNetwork } from './simulated-network.js';
import type { VirtualClock } from './virtual-clock.js';

/** An event with what only the simulation knows: when it was really stored, and what its writer expected. */
export interface StoredEvent extends RecordedEvent {
  readonly step: number;
  /** When it was stored, … */
  readonly time: number;
  /** … and the latest time that clocks on walls had shown by then. */
  readonly shown: number;
  readonly expected: ExpectedRevision;
}

const revisionBefore = (expected: ExpectedRevision): number => (expected === 'no-stream' ? -1 : expected);

/** The event store itself: what is in it, without the way there. */
export class SimulatedLog {
  readonly events: StoredEvent[] = [];
  readonly listeners: (() => void)[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();

  constructor(
    private readonly clock: VirtualClock,
    /** False plants a bug: whoever appends comes last, whatever they expected. */
    private readonly checksRevision = true,
  ) {}

  of(streamId: string): readonly StoredEvent[] {
    return this.streams.get(streamId) ?? [];
  }

  append(streamId: string, events: readonly NewEvent[], expected: ExpectedRevision): AppendResult {
    const stream = this.streams.get(streamId) ?? [];
    this.streams.set(streamId, stream);
    const first = revisionBefore(expected) + 1;
    if (events.every(({ id }, index) => stream[first + index]?.id === id)) return stream[first + events.length - 1]!;
    if (this.checksRevision && first !== stream.length) throw new RevisionConflict(streamId, expected);
    for (const { id, type, data, text = JSON.stringify(data), metadata } of events) {
      const stored: StoredEvent = {
        id,
        type,
        metadata,
        streamId,
        expected,
        data: JSON.parse(text) as JsonObject,
        revision: stream.length,
        position: BigInt(this.events.length + 1),
        step: this.clock.step,
        time: this.clock.instant(),
        shown: this.clock.latest(),
      };
      stream.push(stored);
      this.events.push(stored);
    }
    for (const listener of this.listeners) listener();
    return stream.at(-1)!;
  }
}

/** The log as one process reaches it: over a network that loses requests and answers, or is slow. */
export class LogOverNetwork implements EventLog {
  constructor(
    private readonly log: SimulatedLog,
    private readonly network: SimulatedNetwork,
  ) {}

  append(streamId: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    return this.network.write(
      () => this.log.append(streamId, events, expected),
      () => new EventLogUnavailable('the answer to an append was lost'),
    );
  }

  async *readStream(
    streamId: string,
    { from = 0, limit = Infinity }: { readonly from?: number; readonly limit?: number } = {},
  ): AsyncGenerator<RecordedEvent, void> {
    yield* await this.read(() => this.log.of(streamId).slice(from, from + limit));
  }

  readLast(streamId: string): Promise<RecordedEvent | undefined> {
    return this.read(() => this.log.of(streamId).at(-1));
  }

  keepLast(): Promise<void> {
    return Promise.resolve();
  }

  headPosition(): Promise<bigint> {
    return this.read(() => BigInt(this.log.events.length));
  }

  private read<T>(look: () => T): Promise<T> {
    return this.network.read(look, () => new EventLogUnavailable('the store did not answer'));
  }
}
