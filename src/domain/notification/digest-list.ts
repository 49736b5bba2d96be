import type { Notification } from './notification.js';

export interface Listed {
  /** Id of the delivery that stands for the notification. */
  readonly of: string;
  readonly notification: Notification;
}

/** What a digest tells, in order. A list and those that it was made of share what they have in common, so that adding costs the same however long it is. */
export class DigestList {
  static readonly EMPTY = new DigestList([], new Map(), 0);

  private constructor(
    private readonly items: Listed[],
    private readonly places: Map<string, number>,
    readonly length: number,
  ) {}

  with(added: Listed): DigestList {
    // Of nothing, and of a list that another one was made of, there is a copy.
    const isCopied = this.length === 0 || this.items.length > this.length;
    const items = isCopied ? this.items.slice(0, this.length) : this.items;
    const places = isCopied ? new Map(items.map(({ of }, place) => [of, place])) : this.places;
    places.set(added.of, items.push(added) - 1);
    return new DigestList(items, places, items.length);
  }

  has(of: string): boolean {
    return (this.places.get(of) ?? this.length) < this.length;
  }

  first(count: number): readonly Listed[] {
    return this.items.slice(0, Math.min(count, this.length));
  }
}
