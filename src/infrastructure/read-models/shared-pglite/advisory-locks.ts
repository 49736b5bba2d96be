/** Locks of sessions: a session may take one several times, and gives it back as often. */
export class AdvisoryLocks<Session> {
  private readonly held = new Map<string, { readonly by: Session; times: number }>();
  private waiting: (() => void)[] = [];

  /** @returns false where another session has it */
  take(key: string, session: Session): boolean {
    const lock = this.held.get(key);
    if (lock && lock.by !== session) return false;
    if (lock) lock.times++;
    else this.held.set(key, { by: session, times: 1 });
    return true;
  }

  /** @returns false where the session does not have it */
  giveBack(key: string, session: Session): boolean {
    const lock = this.held.get(key);
    if (lock?.by !== session) return false;
    if (--lock.times === 0) this.free([key]);
    return true;
  }

  /** Those of a session that has ended. */
  giveBackAll(session: Session): void {
    this.free([...this.held].flatMap(([key, { by }]) => (by === session ? [key] : [])));
  }

  /** Resolves when some lock has become free; whoever waits asks again, in the order in which they came. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private free(keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const key of keys) this.held.delete(key);
    const woken = this.waiting;
    this.waiting = [];
    for (const wake of woken) wake();
  }
}
