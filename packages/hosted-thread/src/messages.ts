/** What the thread says to the one that started it. */
export type FromThread<Started> =
  | { readonly kind: 'started'; readonly started: Started }
  | { readonly kind: 'failed'; readonly error: ThrownError }
  | { readonly kind: 'said'; readonly what: unknown };

/** What is said to the thread. */
export type ToThread = { readonly kind: 'stop' } | { readonly kind: 'said'; readonly what: unknown };

/** An error on its way between threads. `details` are members of its own, as far as they can be copied. */
export interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}

export function thrown(error: unknown): ThrownError {
  const { name, message, ...details } = Object.assign(
    {},
    error,
    error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) },
  );
  const plain = Object.entries(details).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
  );
  return { name, message, details: Object.fromEntries(plain) };
}
