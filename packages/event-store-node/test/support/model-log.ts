import type { Expectation } from '../../src/log/append-decision.js';

/** An event as the model keeps it: what is compared with the log. `revision` of a tombstone: 'tombstone'. */
export interface ModelEvent {
  readonly stream: string;
  readonly revision: number | 'tombstone';
  /** As hexadecimal; undefined where the log makes it up. */
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
  /** Seconds since the start of the model. */
  readonly at: number;
}

export type ModelResult =
  | { readonly kind: 'written'; readonly revision: number; readonly written: readonly ModelEvent[] }
  | { readonly kind: 'idempotent'; readonly revision: number }
  | { readonly kind: 'wrong-expected-version'; readonly current: number }
  | { readonly kind: 'stream-deleted' };

export interface NewEvent {
  readonly id: string;
  readonly data: string;
}

interface Settings {
  readonly $maxCount?: number;
  readonly $maxAge?: number;
  readonly $tb?: number;
}

/** What the specification says of an event log, in the plainest way: one array, searched from end to end. */
export class ModelLog {
  readonly all: ModelEvent[] = [];
  now = 0;

  /** Of the tombstone too. */
  private everythingIn(stream: string): ModelEvent[] {
    return this.all.filter((event) => event.stream === stream);
  }

  private isEnded(stream: string): boolean {
    return this.everythingIn(stream).some(({ revision }) => revision === 'tombstone');
  }

  private isEndedFor(stream: string): boolean {
    return this.isEnded(stream) || (stream.startsWith('$$') && this.isEnded(stream.slice(2)));
  }

  /** Revision of the last event, −1 where there is none. */
  last(stream: string): number {
    return this.everythingIn(stream).filter(({ revision }) => revision !== 'tombstone').length - 1;
  }

  private settingsText(stream: string): string | undefined {
    return this.everythingIn(`$$${stream}`).findLast(({ revision }) => revision !== 'tombstone')?.data;
  }

  private settings(stream: string): Settings {
    if (stream.startsWith('$$')) return { $maxCount: 1 };
    return JSON.parse(this.settingsText(stream) ?? '{}') as Settings;
  }

  isSoftDeleted(stream: string): boolean {
    return this.settings(stream).$tb === 2 ** 63;
  }

  /** A page of all that is shown of a stream, oldest first. */
  shown(stream: string): readonly ModelEvent[] | 'not-found' | 'deleted' {
    if (this.isEndedFor(stream)) return 'deleted';
    const last = this.last(stream);
    if (last < 0 || this.isSoftDeleted(stream)) return 'not-found';
    const { $tb = 0, $maxCount = Infinity, $maxAge = Infinity } = this.settings(stream);
    return this.everythingIn(stream).filter(
      ({ revision, at }) => Number(revision) >= Math.max($tb, last - $maxCount + 1) && at >= this.now - $maxAge,
    );
  }

  append(stream: string, expected: Expectation, events: readonly NewEvent[]): ModelResult {
    // Metadata that a tombstoned stream did not have before, it cannot get any more.
    const isBarred = stream.startsWith('$$') && this.last(stream) < 0 && this.isEnded(stream.slice(2));
    const answer = isBarred
      ? ({ kind: 'stream-deleted' } as const)
      : this.decide(
          stream,
          expected,
          events.map(({ id }) => id),
        );
    if (answer !== undefined) return answer;
    const written: ModelEvent[] = [];
    const last = this.last(stream);
    const isUndeleted = this.isSoftDeleted(stream);
    const original = stream.slice(2);
    const undeletesOriginal = stream.startsWith('$$') && this.isSoftDeleted(original);
    const settings = this.settingsText(stream);
    events.forEach(({ id, data }) =>
      written.push(this.put(stream, this.last(stream) + 1, id, stream.startsWith('$$') ? '$metadata' : 'counted', data)),
    );
    const revision = this.last(stream);
    if (isUndeleted) written.push(this.truncate(stream, settings, last + 1));
    if (undeletesOriginal && events.length > 0) written.push(this.truncate(original, events.at(-1)!.data, this.last(original) + 1));
    return { kind: 'written', revision, written };
  }

  delete(stream: string, expected: Expectation): ModelResult {
    const answer = this.decide(stream, expected, ['new']);
    if (answer !== undefined) return answer;
    const last = this.last(stream);
    if (last < 0 && this.last(`$$${stream}`) < 0) return { kind: 'wrong-expected-version', current: -1 };
    const data = '{"$tb":9223372036854775807}';
    return {
      kind: 'written',
      revision: last,
      written: [this.put(`$$${stream}`, this.last(`$$${stream}`) + 1, undefined, '$metadata', data)],
    };
  }

  tombstone(stream: string, expected: Expectation): ModelResult {
    const answer = this.decide(stream, expected, ['new']);
    if (answer !== undefined) return answer;
    return { kind: 'written', revision: this.last(stream), written: [this.put(stream, 'tombstone', undefined, '$streamDeleted', '')] };
  }

  /** The expected-revision matrix; undefined: to be written. */
  private decide(stream: string, expected: Expectation, ids: readonly string[]): ModelResult | undefined {
    if (this.isEnded(stream)) return { kind: 'stream-deleted' };
    const last = this.last(stream);
    const wrong = { kind: 'wrong-expected-version', current: last } as const;
    if (expected === 'stream_exists') {
      if (this.isSoftDeleted(stream)) return { kind: 'stream-deleted' };
      if (last < 0 && this.last(`$$${stream}`) < 0) return wrong;
    }
    if (typeof expected === 'string' && expected !== 'no_stream') {
      // Weak: each id where it was first written.
      const found = ids
        .map((id) => this.all.find((event) => event.id === id))
        .map((event) => (event?.stream === stream ? event.revision : undefined));
      if (found.length === 0 || found[0] === undefined) return undefined;
      return found.includes(undefined) ? wrong : { kind: 'idempotent', revision: Number(found.at(-1)) };
    }
    // Strong: the ids are those of the revisions that follow.
    const exact = expected === 'no_stream' ? -1 : expected;
    if (exact === last) return undefined;
    if (exact > last || ids.length === 0) return wrong;
    const there = this.everythingIn(stream);
    const firstOther = ids.findIndex((id, index) => there[exact + 1 + index]?.id !== id);
    if (firstOther < 0) return { kind: 'idempotent', revision: exact + ids.length };
    const beginsAnew = exact === -1 && firstOther === 0 && this.isSoftDeleted(stream);
    return beginsAnew ? undefined : wrong;
  }

  private truncate(stream: string, settings: string | undefined, before: number): ModelEvent {
    const data = JSON.stringify({ ...(JSON.parse(settings ?? '{}') as object), $tb: before });
    return this.put(`$$${stream}`, this.last(`$$${stream}`) + 1, undefined, '$metadata', data);
  }

  private put(stream: string, revision: ModelEvent['revision'], id: string | undefined, type: string, data: string): ModelEvent {
    const event = { stream, revision, id, type, data, at: this.now };
    this.all.push(event);
    return event;
  }
}
