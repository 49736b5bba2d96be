import { EventStoreDBClient } from '@eventstore/db-client';
import { EventLogUnavailable, type EventLog } from '../../../application/ports/event-log.js';
import { BackgroundLoops } from '../../../application/background-loops.js';
import type { Logger } from '../../../application/ports/logger.js';
import { printableAddress, printableReason } from '../../config/printable-address.js';
import { pause } from '../shared/backoff.js';
import type { EventStoreConnection } from '../shared/connection.js';
import { ClientSource } from './client-source.js';
import { isLasting, isWrongTls } from './faults.js';
import { EventStoreDbEventFeed } from './eventstoredb-event-feed.js';
import { EventStoreDbEventLog } from './eventstoredb-event-log.js';
import { DEFAULT_TIMINGS, type EventStoreDbTimings } from './timings.js';

export interface OpenOptions {
  readonly logger: Logger;
  readonly loops?: BackgroundLoops;
  readonly timings?: Partial<EventStoreDbTimings>;
}

export interface ConnectOptions extends OpenOptions {
  /** How long to wait for a server that does not answer yet (it may start after us), in milliseconds. */
  readonly waitMs?: number;
}

const DEFAULT_WAIT_MS = 30_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Prepares a connection to an EventStoreDB by its connection string (`esdb://…` or `esdb+discover://…`); the server may be away.
 * @throws Error for a malformed connection string
 */
export function openEventStore(
  connectionString: string,
  { logger, loops = new BackgroundLoops(logger), timings: changed }: OpenOptions,
): EventStoreConnection {
  validate(connectionString);
  const timings = { ...DEFAULT_TIMINGS, ...changed };
  const forCalls = new ClientSource(connectionString);
  const forSubscriptions = new ClientSource(connectionString);
  const log = new EventStoreDbEventLog(forCalls, timings);
  const feed = new EventStoreDbEventFeed(forSubscriptions, log, logger, loops, timings);
  const closed = new AbortController();
  return {
    log,
    feed,
    silence: log,
    firstAnswer: (waitMs = Infinity) => waitForAnswer(log, connectionString, waitMs, logger, closed.signal),
    close: async () => {
      closed.abort();
      await feed.close();
      log.stop();
      forCalls.close();
      forSubscriptions.close();
    },
  };
}

/**
 * Connects to an EventStoreDB that is there, or soon will be.
 * @throws Error for a malformed connection string; EventLogUnavailable if the server does not answer in time or refuses
 */
export async function connectEventStore(connectionString: string, options: ConnectOptions): Promise<EventStoreConnection> {
  const connection = openEventStore(connectionString, options);
  try {
    await connection.firstAnswer(options.waitMs ?? DEFAULT_WAIT_MS);
    return connection;
  } catch (fault) {
    await connection.close();
    throw fault;
  }
}

async function waitForAnswer(
  log: EventLog,
  connectionString: string,
  waitMs: number,
  logger: Logger,
  closed: AbortSignal,
): Promise<bigint> {
  const address = printableAddress(connectionString);
  const deadline = performance.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS, told = false; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS), told = true) {
    try {
      return await log.headPosition();
    } catch (fault) {
      if (closed.aborted) throw fault;
      const refused = fault instanceof EventLogUnavailable && (isLasting(fault.cause) || isWrongTls(fault.cause));
      const reason = (): string => printableReason(fault, connectionString);
      if (refused) throw new EventLogUnavailable(`the event store at ${address} refuses: ${reason()}`, { cause: fault });
      if (performance.now() + pauseMs >= deadline) {
        throw new EventLogUnavailable(`the event store at ${address} did not answer within ${waitMs / 1_000} s: ${reason()}`, {
          cause: fault,
        });
      }
      if (!told) logger.log(`waiting for the event store at ${address}: ${reason()}`);
    }
    await pause(pauseMs, closed);
  }
}

/** The parameters that the client knows, in its spelling. */
const PARAMETERS = [
  ...['tls', 'tlsCAFile', 'userCertFile', 'userKeyFile', 'nodePreference', 'connectionName', 'maxDiscoverAttempts', 'discoveryInterval'],
  ...['gossipTimeout', 'keepAliveInterval', 'keepAliveTimeout', 'defaultDeadline', 'throwOnAppendFailure'],
] as const;
/** As the client compares names. */
const flat = (name: string): string => name.trim().toLowerCase().replace(/[_-]/g, '');
const KNOWN = new Set<string>(PARAMETERS.map(flat));

/**
 * For a parameter that it does not know, or that has no effect (tlsVerifyCert=false), the client prints the whole connection string, with the password, as a
 * warning: it never gets to see one.
 */
function refuseParametersThatTheClientPrints(connectionString: string): void {
  const query = connectionString.includes('?') ? connectionString.slice(connectionString.indexOf('?') + 1) : '';
  const names = query.split(/[&?]/).map((pair) => flat(pair.split('=', 1)[0] ?? ''));
  if (names.some((name) => name !== '' && !KNOWN.has(name)))
    throw new Error(`the event store's connection string has a parameter that has no effect; these have: ${PARAMETERS.join(', ')}`);
}

/** The client's own message would do, if it did not quote the part it stumbles over, which may be a password. */
function validate(connectionString: string): void {
  refuseParametersThatTheClientPrints(connectionString);
  try {
    EventStoreDBClient.connectionString(connectionString);
  } catch (fault) {
    const expected = fault instanceof Error && 'expected' in fault ? String(fault.expected) : undefined;
    throw new Error(
      expected === undefined
        ? `the event store's connection string cannot be used: ${printableReason(fault, connectionString)}`
        : `the event store's connection string is malformed (expected ${expected}); an example: esdb://localhost:2113?tls=false`,
    );
  }
}
