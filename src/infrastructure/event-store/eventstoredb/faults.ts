import {
  AccessDeniedError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  RequiredMetadataPropertyMissingError,
  StreamDeletedError,
  UnsupportedError,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';

/** A call that did not answer in the time it was given: nothing is known of its outcome. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const LASTING = [
  AccessDeniedError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  RequiredMetadataPropertyMissingError,
  StreamDeletedError,
  UnsupportedError,
];
const LASTING_CODES = new Set<unknown>([status.INVALID_ARGUMENT, status.PERMISSION_DENIED, status.UNAUTHENTICATED, status.UNIMPLEMENTED]);

/**
 * True for answers that would be the same the next time (not allowed, malformed, too large). Everything else may pass: a timeout, a lost connection,
 * a node that is no longer the leader, discovery that found nobody, and faults the client has no name for.
 */
export function isLasting(fault: unknown): boolean {
  if (LASTING.some((type) => fault instanceof type)) return true;
  return fault instanceof Error && 'code' in fault && LASTING_CODES.has(fault.code);
}

/** What Node and OpenSSL say of a certificate that they do not accept, and of a server that does not speak TLS. */
const WRONG_TLS = /certificate|altnames|wrong version number|packet length too long|unsupported protocol/i;

/**
 * True where no connection came about because the two sides do not agree on TLS. Only a start takes it for lasting: certificates are renewed while an engine
 * runs. The client knows no code for it. A server that speaks nothing but TLS just hangs up on a client that does not, which looks like any lost connection.
 */
export const isWrongTls = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && fault.code === status.UNAVAILABLE && WRONG_TLS.test(fault.message);

/**
 * The answer, or NoAnswer after `ms`. The client's own deadlines do not cover everything that may block a call: asking the server for its features has none,
 * and discovery in a cluster retries on its own terms.
 */
export async function within<T>(ms: number, what: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`${what}: no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
