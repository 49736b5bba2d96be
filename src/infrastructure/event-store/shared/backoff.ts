import { setTimeout as sleep } from 'node:timers/promises';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Growing pauses between tries, each between half and all of its nominal length so that many clients do not return at the same moment. */
export class Backoff {
  #failures = 0;

  constructor(private readonly options: BackoffOptions) {}

  /** To call after a success: the next pause is a short one again. */
  reset(): void {
    this.#failures = 0;
  }

  /** Length of the next pause in milliseconds. */
  next(): number {
    const nominal = Math.min(this.options.longestMs, this.options.firstMs * 2 ** Math.min(this.#failures++, 20));
    return nominal * (0.5 + Math.random() / 2);
  }

  /** Waits for the next pause to pass, or for `signal`. */
  async pause(signal: AbortSignal): Promise<void> {
    await pause(this.next(), signal);
  }
}

/** Resolves after `ms`, or as soon as the signal is aborted; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
