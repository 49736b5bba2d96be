type Listener = () => void;

/** Tells the waiting that something was appended. Carries no events: who wakes up reads the log. */
export class WakeUps {
  private readonly any = new Set<Listener>();
  private readonly byStream = new Map<string, Set<Listener>>();

  /** Calls `listener` after each append, to one stream or to any. Answers how to stop. */
  listen(stream: string | undefined, listener: Listener): () => void {
    const listeners = stream === undefined ? this.any : this.listenersOf(stream);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (stream !== undefined && listeners.size === 0 && this.byStream.get(stream) === listeners) this.byStream.delete(stream);
    };
  }

  appended(streams: Iterable<string>): void {
    if (this.byStream.size > 0) {
      for (const stream of streams) for (const listener of this.byStream.get(stream) ?? []) listener();
    }
    for (const listener of this.any) listener();
  }

  private listenersOf(stream: string): Set<Listener> {
    let listeners = this.byStream.get(stream);
    if (!listeners) this.byStream.set(stream, (listeners = new Set()));
    return listeners;
  }
}

/** A bell that rings at most once between two waits. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Resolves at the next ring, or at once if it rang since the last wait. */
  async wait(): Promise<void> {
    if (!this.rung) await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = undefined;
    this.rung = false;
  }
}
