import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { AddressRefused, type SendResult } from '../../application/ports/notifications.js';
import type { AllowedAddresses } from './allowed-addresses.js';

/** How long a receiver may take in all, and how much of its answer is read. */
export const SEND_LIMIT_MS = 10_000;
export const LARGEST_ANSWER = 64 * 1_024;
/** A receiver that asks to be left alone for longer is not: an hour, in milliseconds. */
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

const GONE = 410;

/** `Retry-After` in seconds. The other form, a date, is passed over. */
function retryAfterOf(header: string | undefined): { readonly retryAfterMs?: number } {
  const seconds = /^\d{1,6}$/.test(header ?? '') ? Number(header) : 0;
  return seconds === 0 ? {} : { retryAfterMs: Math.min(LONGEST_RETRY_AFTER_MS, seconds * 1_000) };
}

function resultOf(statusCode: number, retryAfter: string | undefined): SendResult {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'sent', statusCode };
  if (statusCode >= 300 && statusCode < 400)
    return { kind: 'failed', statusCode, error: `answered ${statusCode}: redirects are not followed` };
  const failed = { kind: 'failed', statusCode, error: `answered ${statusCode}`, ...retryAfterOf(retryAfter) } as const;
  return statusCode === GONE ? { ...failed, isGone: true } : failed;
}

/** What went wrong, without the address: system errors quote it. */
const reasonOf = (error: unknown): string => {
  if (error instanceof AddressRefused) return error.message;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? 'the connection failed' : `the connection failed (${code})`;
};

/** Posts once, to the address that was checked. Follows no redirect, and uses no proxy. */
export async function post(
  addresses: AllowedAddresses,
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  limitMs = SEND_LIMIT_MS,
): Promise<SendResult> {
  const late = AbortSignal.timeout(limitMs);
  const tooLate = new Promise<SendResult>((resolve) => {
    late.addEventListener('abort', () => resolve({ kind: 'failed', error: `no answer within ${limitMs / 1_000} s` }), { once: true });
  });
  return Promise.race([tooLate, postBy(late, addresses, address, body, headers)]);
}

async function postBy(
  late: AbortSignal,
  addresses: AllowedAddresses,
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<SendResult> {
  try {
    const { url, pinned } = await addresses.target(addresses.parse(address));
    const lookup: LookupFunction = (_name, options, callback) =>
      options.all ? callback(null, [pinned]) : callback(null, pinned.address, pinned.family);
    const client = url.protocol === 'https:' ? https : http;
    return await new Promise<SendResult>((resolve, reject) => {
      const request = client.request(
        url,
        {
          ...{ method: 'POST', agent: new client.Agent({ keepAlive: false, maxCachedSessions: 0 }), lookup, signal: late },
          headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), 'User-Agent': 'lifeos', ...headers },
        },
        (response) => {
          const result = resultOf(response.statusCode ?? 0, response.headers['retry-after']);
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= LARGEST_ANSWER) return;
            // It has said what counts.
            resolve(result);
            request.destroy();
          });
          response.on('end', () => resolve(result));
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  } catch (error) {
    return { kind: 'failed', error: reasonOf(error) };
  }
}
