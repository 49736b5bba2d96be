import type { RecordedEvent } from '../ports/event-log.js';

/** What a follower finds when it looks: the next live event, that it missed some and must read the log, or that it is over. */
export type Next = { readonly kind: 'event'; readonly event: RecordedEvent } | { readonly kind: 'missed' } | { readonly kind: 'over' };

/** Live events that wait for one follower, at most `capacity`. What does not fit is forgotten, the follower finds it in the log. */
export class TimelineBuffer {
  #events: RecordedEvent[] = [];
  #missed = false;
  #over = false;
  #wake: (() => void) | undefined;
  #cutShort: (() => void) | undefined;

  constructor(private readonly capacity: number) {}

  /** Never waits: one slow follower delays nobody. */
  offer(event: RecordedEvent): void {
    if (this.#missed || this.#over) return;
    if (this.#events.length < this.capacity) {
      this.#events.push(event);
    } else {
      this.#events = [];
      this.#missed = true;
    }
    this.#wake?.();
  }

  /** The follower is to end, also if events still wait. */
  finish(): void {
    this.#over = true;
    this.#events = [];
    this.#wake?.();
    this.#cutShort?.();
  }

  get over(): boolean {
    return this.#over;
  }

  /** To call before reading the log: events offered from now on are kept again. */
  listenAgain(): void {
    this.#missed = false;
  }

  /** What is there to be found now; undefined where it takes waiting. */
  take(): Next | undefined {
    if (this.#over) return { kind: 'over' };
    if (this.#missed) return { kind: 'missed' };
    const event = this.#events.shift();
    return event && { kind: 'event', event };
  }

  async next(): Promise<Next> {
    for (;;) {
      const found = this.take();
      if (found) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  /** What the promise brings; undefined once the follower is to end, whatever becomes of the promise. One such wait at a time. */
  async orOver<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#cutShort = () => resolve(undefined);
      promise.then(resolve, reject);
      if (this.#over) resolve(undefined);
    });
  }

  /** The items, up to the moment when the follower is to end; a read that is stuck then is left behind. */
  async *untilOver<T>(items: AsyncIterable<T>): AsyncGenerator<T, void> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      while (!this.#over) {
        const next = await this.orOver(iterator.next());
        if (!next || next.done) return;
        yield next.value;
      }
    } finally {
      this.#cutShort = undefined;
      iterator.return?.().catch(() => undefined); // not awaited: it waits for a step under way
    }
  }
}
