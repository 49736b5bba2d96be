/** Lets one at a time do something, for each key, in the order of asking. */
export class Turns<K> {
  private readonly last = new Map<K, Promise<unknown>>();

  async take<T>(key: K, work: () => Promise<T>): Promise<T> {
    const turn = (this.last.get(key) ?? Promise.resolve()).then(work);
    const ended = turn.catch(() => undefined);
    this.last.set(key, ended);
    try {
      return await turn;
    } finally {
      if (this.last.get(key) === ended) this.last.delete(key);
    }
  }
}
