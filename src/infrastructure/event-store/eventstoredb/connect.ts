import { EventStoreDBClient } from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventFeed } from '../../../application/ports/event-feed.js';
import { EventLogUnavailable, type EventLog } from '../../../application/ports/event-log.js';
import type { Logger } from '../../../application/ports/logger.js';
import { ClientSource } from './client-source.js';
import { describeFault, isLasting } from './faults.js';
import { EventStoreDbEventFeed } from './eventstoredb-event-feed.js';
import { EventStoreDbEventLog } from './eventstoredb-event-log.js';
import { DEFAULT_TIMINGS, type EventStoreDbTimings } from './timings.js';

export interface ConnectOptions {
  readonly logger: Logger;
  /** How long to wait for a server that does not answer yet (it may start after us), in milliseconds. */
  readonly waitMs?: number;
  readonly timings?: Partial<EventStoreDbTimings>;
}

export interface EventStoreDbConnection {
  readonly log: EventLog;
  readonly feed: EventFeed;
  /** Ends all subscriptions at once, refuses further calls and frees the connections. */
  close(): Promise<void>;
}

const DEFAULT_WAIT_MS = 30_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Connects to an EventStoreDB by its connection string (`esdb://…` or `esdb+discover://…`).
 * @throws Error for a malformed connection string; EventLogUnavailable if the server does not answer in time or refuses
 */
export async function connectEventStore(connectionString: string, options: ConnectOptions): Promise<EventStoreDbConnection> {
  validate(connectionString);
  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const forCalls = new ClientSource(connectionString);
  const forSubscriptions = new ClientSource(connectionString);
  const log = new EventStoreDbEventLog(forCalls, timings);
  const feed = new EventStoreDbEventFeed(forSubscriptions, log, options.logger, timings);
  const close = async () => {
    await feed.close();
    log.stop();
    forCalls.close();
    forSubscriptions.close();
  };
  try {
    await waitForAnswer(log, withoutCredentials(connectionString), options.waitMs ?? DEFAULT_WAIT_MS, options.logger);
    return { log, feed, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

async function waitForAnswer(log: EventLog, address: string, waitMs: number, logger: Logger): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS, told = false; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS), told = true) {
    try {
      await log.headPosition();
      return;
    } catch (fault) {
      const refused = fault instanceof EventLogUnavailable && isLasting(fault.cause);
      if (refused) throw new EventLogUnavailable(`the event store at ${address} refuses: ${describeFault(fault)}`, { cause: fault });
      if (Date.now() + pauseMs >= deadline) {
        throw new EventLogUnavailable(`the event store at ${address} did not answer within ${waitMs / 1_000} s: ${describeFault(fault)}`, {
          cause: fault,
        });
      }
      if (!told) logger.log(`waiting for the event store at ${address}`);
    }
    await sleep(pauseMs);
  }
}

/** The client's own message would do, if it did not quote the part it stumbles over, which may be a password. */
function validate(connectionString: string): void {
  try {
    EventStoreDBClient.connectionString(connectionString);
  } catch (fault) {
    const expected = /expected (.*)$/.exec(describeFault(fault))?.[1];
    throw new Error(
      expected === undefined
        ? `the event store's connection string cannot be used: ${describeFault(fault)}`
        : `the event store's connection string is malformed (expected ${expected}); an example: esdb://localhost:2113?tls=false`,
    );
  }
}

const withoutCredentials = (connectionString: string): string => connectionString.replace(/\/\/[^/?]*@/, '//').replace(/\?.*$/, '');
