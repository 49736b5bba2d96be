import { setMaxListeners } from 'node:events';
import { WrongExpectedVersionError, type EventStoreDBClient, type ResolvedEvent } from '@eventstore/db-client';
import {
  EventLogUnavailable,
  RevisionConflict,
  type AppendResult,
  type EventLog,
  type EventLogSilence,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
} from '../../../application/ports/event-log.js';
import { AppendStream, type EventToAppend } from './append-stream.js';
import { Backoff, pause } from '../shared/backoff.js';
import { keepLast } from '../shared/keep-last.js';
import type { ClientSource } from './client-source.js';
import { toRecordedEvent } from './codec.js';
import { isLasting, NoAnswer, within } from './faults.js';
import { Silence } from './silence.js';
import { readAnswers } from './stream-reader.js';
import { DEFAULT_TIMINGS, type EventStoreDbTimings } from './timings.js';

interface ReadOptions {
  readonly from?: number;
  readonly limit?: number;
}

/**
 * The event log in an EventStoreDB, server 21.10 or later. Every try of every call has a deadline of its own, for the client gives none to reads and batch
 * appends, and a call that failed is tried again over a fresh client.
 */
export class EventStoreDbEventLog implements EventLog, EventLogSilence {
  readonly #stopped = new AbortController();
  readonly #silence = new Silence();
  readonly #appendStreams = new WeakMap<EventStoreDBClient, Promise<AppendStream>>();

  constructor(
    private readonly clients: ClientSource,
    private readonly timings: EventStoreDbTimings = DEFAULT_TIMINGS,
  ) {
    setMaxListeners(0, this.#stopped.signal); // one per call under way
  }

  append(streamId: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    return this.#append(streamId, events, expected);
  }

  /** An interrupted read goes on after the last event it delivered, so a fault in the middle costs the caller nothing but time. */
  async *readStream(streamId: string, options: ReadOptions = {}): AsyncGenerator<RecordedEvent, void> {
    let from = options.from ?? 0;
    let remaining = options.limit ?? Number.MAX_SAFE_INTEGER;
    const tries = this.#tries(`reading ${streamId}`);
    let settle = this.#silence.ask();
    while (remaining > 0) {
      const client = this.clients.get();
      try {
        const read = client.readStream(streamId, { fromRevision: BigInt(from), maxCount: remaining }, { highWaterMark: 64 });
        for await (const answer of readAnswers(read, this.timings.tryMs, this.#stopped.signal)) {
          const event = recordedIn(answer);
          if (!event) continue;
          tries.reset();
          settle(true); // while the consumer is busy nobody waits for the store
          from = event.revision + 1;
          remaining -= 1;
          yield event;
          settle = this.#silence.ask();
        }
        settle(true);
        return;
      } catch (fault) {
        await this.#failed(tries, client, fault, settle);
      }
    }
  }

  async readLast(streamId: string): Promise<RecordedEvent | undefined> {
    return this.#retried(`reading the end of ${streamId}`, async (client) => {
      const read = client.readStream(streamId, { fromRevision: 'end', direction: 'backwards', maxCount: 1 });
      for await (const answer of readAnswers(read, this.timings.tryMs, this.#stopped.signal)) return recordedIn(answer);
      return undefined;
    });
  }

  /** Read and written as plain events: the client's own metadata calls append in batches, at no revision, with a new id on each try. */
  keepLast(streamId: string, count: number): Promise<void> {
    const stream = {
      readLast: (id: string) => this.readLast(id),
      append: (id: string, event: EventToAppend, expected: ExpectedRevision) => this.#append(id, [event], expected),
    };
    return keepLast(stream, streamId, count);
  }

  async headPosition(): Promise<bigint> {
    const readHead = async (client: EventStoreDBClient) => {
      const read = client.readAll({ fromPosition: 'end', direction: 'backwards', maxCount: 1 });
      for await (const { event, commitPosition } of readAnswers(read, this.timings.headMs, this.#stopped.signal))
        return event?.position.commit ?? commitPosition ?? 0n;
      return 0n;
    };
    return this.#retried('reading the head of the log', readHead, this.timings.headMs);
  }

  silentMs(): number {
    return this.#silence.ms();
  }

  /** Ends all waiting for better times; calls under way end with EventLogUnavailable. */
  stop(): void {
    this.#stopped.abort();
  }

  async #append(streamId: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult> {
    if (events.length === 0) throw new RangeError(`no events to append to ${streamId}`);
    // A try whose outcome is unknown is repeated with the same ids at the same revision: if it did write, the server recognises the ids and answers
    // with the first success. So a conflict is always one with somebody else's append.
    return this.#retried(`appending to ${streamId}`, async (client) => {
      const stream = await this.#appendStream(client);
      try {
        const { revision, position } = await stream.append(streamId, events, expected);
        return { revision, position: position ?? (await this.#positionOf(streamId, revision)) };
      } catch (fault) {
        if (stream.broken) this.clients.replace(client); // also where the fault is a lasting one, which is not tried again
        if (fault instanceof WrongExpectedVersionError) throw new RevisionConflict(streamId, expected);
        throw fault;
      }
    });
  }

  #appendStream(client: EventStoreDBClient): Promise<AppendStream> {
    const present = this.#appendStreams.get(client);
    if (present) return present;
    const opened = AppendStream.open(client);
    this.#appendStreams.set(client, opened);
    return opened;
  }

  /** For servers that leave the position out of an answer. */
  async #positionOf(streamId: string, revision: number): Promise<bigint> {
    for await (const { position } of this.readStream(streamId, { from: revision, limit: 1 })) return position;
    throw new EventLogUnavailable(`event ${revision} of ${streamId} was appended and cannot be read`);
  }

  async #retried<T>(what: string, call: (client: EventStoreDBClient) => Promise<T>, budgetMs = this.timings.budgetMs): Promise<T> {
    const tries = this.#tries(what, budgetMs);
    const settle = this.#silence.ask();
    for (;;) {
      const client = this.clients.get();
      try {
        const answer = await within(Math.min(this.timings.tryMs, budgetMs), what, call(client));
        settle(true);
        return answer;
      } catch (fault) {
        if (fault instanceof RevisionConflict) {
          settle(true);
          throw fault;
        }
        await this.#failed(tries, client, fault, settle);
      }
    }
  }

  /** A refusal is an answer; where the tries are over, there was none. */
  async #failed(
    tries: { failed(client: EventStoreDBClient, fault: unknown): Promise<void> },
    client: EventStoreDBClient,
    fault: unknown,
    settle: (answered: boolean) => void,
  ): Promise<void> {
    try {
      await tries.failed(client, fault);
    } catch (unavailable) {
      settle(isLasting(fault));
      throw unavailable;
    }
  }

  /** Pending appends of a stream that does not answer are given up with it, to be tried over the next one; else they may still have their answers. */
  #leaveAppendStream(client: EventStoreDBClient, fault: unknown): void {
    this.#appendStreams.get(client)?.then(
      (stream) => (fault instanceof NoAnswer ? stream.close() : stream.retire()),
      () => undefined, // never opened
    );
  }

  #tries(what: string, budgetMs = this.timings.budgetMs) {
    const { firstPauseMs, longestPauseMs } = this.timings;
    const backoff = new Backoff({ firstMs: firstPauseMs, longestMs: longestPauseMs });
    let deadline = performance.now() + budgetMs;
    return {
      reset: () => {
        backoff.reset();
        deadline = performance.now() + budgetMs;
      },
      /** Waits until the next try is due. @throws EventLogUnavailable if there is to be none */
      failed: async (client: EventStoreDBClient, fault: unknown) => {
        const unavailable = () => new EventLogUnavailable(`${what} failed: ${this.clients.describe(fault)}`, { cause: fault });
        if (isLasting(fault) || this.#stopped.signal.aborted) throw unavailable();
        this.clients.replace(client);
        this.#leaveAppendStream(client, fault);
        const pauseMs = backoff.next();
        if (performance.now() + pauseMs >= deadline) throw unavailable();
        await pause(pauseMs, this.#stopped.signal);
        if (this.#stopped.signal.aborted) throw unavailable();
      },
    };
  }
}

const recordedIn = ({ event, commitPosition }: ResolvedEvent) => event && toRecordedEvent(event, commitPosition);
