/**
 * Who may run attempts. A worker renews a lease; only when it has run out is its attempt interrupted by another one, and a worker that cannot renew aborts its attempts before that.
 */
export interface Leases {
  /** False: this is the only process on its store, now and later. */
  readonly isShared: boolean;
  /** Whether other nodes are there, as far as this one has seen. */
  hasOthers(): boolean;
  /** Whether this process may begin something now: its own lease is safe. */
  isHeld(): boolean;
  /**
   * Whether the worker has lost what it began before the call: its lease has run out, or it has left. The store is asked, for the worker may have come back since the last look.
   * @throws EventLogUnavailable
   */
  isGone(worker: string): Promise<boolean>;
  /** Told when this process' own lease is about to run out: nothing that it runs may go on. Answers with how to stop listening. */
  onLost(listener: () => void): () => void;
  /** Resolves after the next look at who is there, or when the signal is aborted. Never rejects. */
  nextLook(signal: AbortSignal): Promise<void>;
}

export const LEASES = Symbol('Leases');

/** Of the only process on its store: a worker that is not this one has gone. */
export const soleLeases: Leases = {
  isShared: false,
  hasOthers: () => false,
  isHeld: () => true,
  isGone: () => Promise.resolve(true),
  onLost: () => () => undefined,
  nextLook: () => Promise.resolve(),
};
