import { EventStoreDBClient } from '@eventstore/db-client';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import { printableReason } from '../../config/printable-address.js';
import { internalsOf } from './client-internals.js';

const KEEP_ALIVE_TIMEOUT = /([?&])keep[_-]?alive[_-]?timeout=(-?\d+)/i;
const DEFAULT_KEEP_ALIVE_TIMEOUT_MS = 10_000;

/** Connections opened by this process so far: see `withOwnConnection`. */
let connections = 0;

/**
 * The connection string, changed so that the client built from it gets a TCP connection of its own. grpc-js shares connections (and their reconnect pauses
 * of up to two minutes) between all channels of a process with the same target and options; the only way to a fresh one is an option that differs. A
 * keep-alive timeout that is some milliseconds longer does it.
 */
function withOwnConnection(connectionString: string): string {
  connections += 1;
  const set = KEEP_ALIVE_TIMEOUT.exec(connectionString);
  if (set?.[2]?.startsWith('-')) return connectionString; // keep-alive is switched off: nothing to make longer
  const longer = (set ? Number(set[2]) : DEFAULT_KEEP_ALIVE_TIMEOUT_MS) + (connections % 5_000);
  if (set) return connectionString.replace(KEEP_ALIVE_TIMEOUT, `${set[1]}keepAliveTimeout=${longer}`);
  return `${connectionString.replace(/\/+$/, '')}${connectionString.includes('?') ? '&' : '?'}keepAliveTimeout=${longer}`;
}

/**
 * Where the adapter's parts get their client from, and where they give back one that failed. A client is cheap; a failed one may be stuck for good (its
 * feature list is asked for once and a failure of discovery is remembered) or for long (a connection that swallows everything is noticed by keep-alive
 * only, after 20 s), so it is replaced instead of being waited for.
 */
export class ClientSource {
  #client: EventStoreDBClient | undefined;
  #closed = false;

  constructor(private readonly connectionString: string) {}

  /** The client in use. @throws EventLogUnavailable after `close()` */
  get(): EventStoreDBClient {
    if (this.#closed) throw new EventLogUnavailable('the connection to the event store is closed');
    this.#client ??= EventStoreDBClient.connectionString(withOwnConnection(this.connectionString));
    return this.#client;
  }

  /** A fault in one line for logs and messages: the client quotes what it stumbles over, which may be a part of a password. */
  describe(fault: unknown): string {
    if (fault instanceof Error && fault.message === '') return fault.constructor.name;
    return printableReason(fault, this.connectionString);
  }

  /** Has the next `get()` answer a fresh client, unless another caller saw to it. Calls under way on the failed one run to their own end. */
  replace(failed: EventStoreDBClient): void {
    if (this.#client !== failed) return;
    this.#client = undefined;
    closeChannel(failed);
  }

  close(): void {
    this.#closed = true;
    const client = this.#client;
    this.#client = undefined;
    if (!client) return;
    // Cancels all calls at once, then waits for their streams to finish, which a stream that nobody reads any more never does: not to be awaited.
    client.dispose().catch(() => undefined);
    closeChannel(client);
  }
}

/** `dispose()` ends the client's streams and leaves its connection open; the channel that holds it is not part of the client's public interface. */
function closeChannel(client: EventStoreDBClient): void {
  internalsOf(client)
    .getChannel()
    .then(
      (channel) => channel.close(),
      () => undefined, // never connected
    );
}
