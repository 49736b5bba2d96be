import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../domain/json.js';
import { firstShapesOf, lastReadable } from '../newer-event.js';
import { RevisionConflict, type EventLog } from '../ports/event-log.js';

interface Waiting {
  readonly resolve: (id: number) => void;
  readonly reject: (reason: unknown) => void;
}

interface Sequence {
  waiting: Waiting[];
  reserving: boolean;
  /** What this process knows of the stream's end; undefined until read. */
  last: { readonly revision: number; readonly to: number } | undefined;
  /** This process has seen to it that the stream stays short. */
  bounded: boolean;
}

export const SEQUENCE_SHAPES = firstShapesOf(['IdsReserved']);
/** Readable reservations kept per sequence: the newest is enough, a few more help a curious operator. */
const KEPT = 10;

/**
 * Small consecutive integers, allocated from the event store: an append at the exact revision of `sequence-<name>` reserves as many as are wanted
 * at that moment. A number is given out at most once, by any process; numbers reserved by a process that dies are lost.
 */
export class Sequences {
  private readonly sequences = new Map<string, Sequence>();

  constructor(private readonly log: EventLog) {}

  /** The next number, from 1. @throws EventLogUnavailable */
  next(name: string): Promise<number> {
    const sequence = this.sequences.get(name) ?? { waiting: [], reserving: false, last: undefined, bounded: false };
    this.sequences.set(name, sequence);
    return new Promise((resolve, reject) => {
      sequence.waiting.push({ resolve, reject });
      if (!sequence.reserving) void this.reserveAll(name, sequence);
    });
  }

  private async reserveAll(name: string, sequence: Sequence): Promise<void> {
    sequence.reserving = true;
    while (sequence.waiting.length > 0) {
      const callers = sequence.waiting.splice(0);
      try {
        const from = await this.reserve(`sequence-${name}`, sequence, callers.length);
        callers.forEach(({ resolve }, index) => resolve(from + index));
      } catch (error) {
        callers.forEach(({ reject }) => reject(error));
      }
    }
    sequence.reserving = false;
  }

  /** Answers with the first of `count` numbers. */
  private async reserve(stream: string, sequence: Sequence, count: number): Promise<number> {
    for (;;) {
      sequence.last ??= await this.readEnd(stream);
      const { revision, to } = sequence.last;
      const data: JsonObject = { from: to + 1, to: to + count };
      const commandId = randomUUID();
      const metadata = {
        $correlationId: stream,
        commandId,
        actor: { kind: 'system', id: 'sequences', authenticated: true },
        schemaVersion: 1,
      } as const;
      try {
        const appended = await this.log.append(
          stream,
          [{ id: commandId, type: 'IdsReserved', data, metadata }],
          revision < 0 ? 'no-stream' : revision,
        );
        sequence.last = { revision: appended.revision, to: to + count };
        await this.bound(stream, sequence);
        return to + 1;
      } catch (error) {
        sequence.last = undefined;
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
  }

  /** Once per process, whoever began the sequence: that one may have died before it could. The numbers are reserved either way. */
  private async bound(stream: string, sequence: Sequence): Promise<void> {
    if (sequence.bounded) return;
    sequence.bounded = await this.log.keepLast(stream, KEPT).then(
      () => true,
      () => false,
    );
  }

  private async readEnd(stream: string): Promise<{ readonly revision: number; readonly to: number }> {
    const last = await lastReadable(this.log, stream, SEQUENCE_SHAPES);
    return last ? { revision: last.revision, to: last.data['to'] as number } : { revision: -1, to: 0 };
  }
}
