import { createServer } from 'node:net';
import { jest } from '@jest/globals';
import { until } from '@lifeos/test-support';
import { TestNode } from '@lifeos/event-store-node/testing';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { connectEventStore, openEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { LogRecorder } from '../../application/support/log-recorder.js';
import { QUICK, SILENT } from './support/quick-timings.js';

describe('connecting to an event store', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(() => node.dispose());

  const freePort = async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  };

  it.each(['http://localhost:2113', 'localhost', '', 'esdb://u:secret@'])('refuses the connection string %p', async (text) => {
    const refusal = await connectEventStore(text, { logger: SILENT }).catch((error: Error) => error.message);
    expect(refusal).toMatch(/^the event store's connection string is malformed/);
    expect(refusal).not.toContain('secret');
  });

  it.each([
    'esdb://me:secret@localhost:2113?tls=false&tokn=x',
    'esdb://localhost:2113?tls=false&password=secret',
    'esdb://me:secret@localhost:2113?tlsVerifyCert=false',
    'esdb://me:x@secret@localhost:port',
    'esdb://localhost:secret',
    'esdb://localhost:2113?secret',
    'esdb://localhost:2113?maxDiscoverAttempts=secret',
    'esdb://localhost:2113?userCertFile=/no/secret.pem&userKeyFile=/no/secret.key',
  ])('prints nothing of %p', async (text) => {
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const options = { logger: SILENT, waitMs: 50, timings: { ...QUICK, headMs: 20 } };
      const refusal = await connectEventStore(text, options).catch((error: Error) => error.message);
      expect(refusal).toMatch(/^the event store('s connection string| at) /);
      expect(refusal).not.toContain('secret');
      expect(warned).not.toHaveBeenCalled();
    } finally {
      warned.mockRestore();
    }
  });

  it("finds the node in a cluster's connection string, beside a host that does not answer", async () => {
    const hosts = node.connectionString.replace('://', `://127.0.0.1:${await freePort()},`);
    const connection = await connectEventStore(hosts, { logger: SILENT, timings: QUICK });
    expect(await connection.log.headPosition()).toBeGreaterThanOrEqual(0n);
    await connection.close();
  });

  it.each(['esdb://a:2113,b:port', 'esdb://a:2113,b:2113:2114', 'esdb://a:2113,b:2113tls=false', 'esdb://a:2113?tls'])(
    'refuses the connection string %p of a cluster',
    async (text) => {
      await expect(connectEventStore(text, { logger: SILENT })).rejects.toThrow(/^the event store's connection string is malformed/);
    },
  );

  it('waits for a server that starts later', async () => {
    await node.stop();
    const connected = connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK });
    await node.startAgain();
    const connection = await connected;
    expect(await connection.log.headPosition()).toBeGreaterThanOrEqual(0n);
    await connection.close();
  });

  it('waits for a first answer without end, until it is closed', async () => {
    const lines: string[] = [];
    const logger = { ...SILENT, log: (line: string) => void lines.push(line) };
    const port = await freePort();
    const connection = openEventStore(`esdb://127.0.0.1:${port}?tls=false`, { logger, timings: { ...QUICK, headMs: 20 } });
    const answer = connection.firstAnswer().catch((error: unknown) => error);
    while (lines.length === 0) await Promise.race([answer, new Promise((resolve) => setImmediate(resolve))]);
    expect(lines).toEqual([expect.stringMatching(/^waiting for the event store at esdb:\/\/127.0.0.1:\d+\?tls=false: ./)]);
    await connection.close();
    expect(await answer).toBeInstanceOf(EventLogUnavailable);
  });

  it('says in one line who did not answer', async () => {
    const port = await freePort();
    const options = { logger: SILENT, waitMs: 300, timings: { ...QUICK, headMs: 100 } };
    const refusal = await connectEventStore(`esdb://me:secret@127.0.0.1:${port}?tls=false`, options).catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(EventLogUnavailable);
    expect((refusal as Error).message).toMatch(
      new RegExp(`^the event store at esdb://127.0.0.1:${port}\\?tls=false did not answer within 0.3 s: .*$`),
    );
  });

  // A node without users lets in whoever asks, so a word of the client's own messages can be the password.
  it.each(['UNAVAILABLE', 'cancelled'])(
    'says that a connection was lost without quoting its password (%s)',
    async (password) => {
      const logger = new LogRecorder();
      const connectionString = node.connectionString.replace('://', `://me:${password}@`);
      const timings = { ...QUICK, tryMs: 500, budgetMs: 600, headMs: 500 };
      const connection = await connectEventStore(connectionString, { logger, timings });
      const { log, feed } = connection;
      const subscription = feed.subscribe({ from: 'start', streamPrefix: 'x-' });
      const items = subscription[Symbol.asyncIterator]();
      for (let next = await items.next(); !next.done && next.value.kind !== 'caught-up';) next = await items.next();
      const ended = items.next();
      const group = { name: 'watchers', eventTypes: ['X'], bufferSize: 1, messageTimeoutMs: 0, maxRetryCount: 1 };
      await feed.join(group, { deliver: () => Promise.resolve({ kind: 'ack' }) });
      await node.stop();
      try {
        await until(
          'both are lost',
          () => ['subscription', 'consumer group'].every((what) => logger.lines.some((line) => line.includes(what))),
          30_000,
        );
        const refusals = await Promise.all([log.headPosition(), log.readLast('x-1')].map((call) => call.catch((error: Error) => error)));
        for (const refusal of refusals) expect(refusal).toBeInstanceOf(EventLogUnavailable);
        const said = [...logger.lines, ...refusals.map((refusal) => (refusal as Error).message)].join('\n');
        expect(said.toLowerCase()).not.toContain(password.toLowerCase());
        expect(said).toContain('its message is not shown, for it may quote a password');
      } finally {
        await subscription.close();
        await ended.catch(() => undefined);
        await connection.close();
        await node.startAgain();
      }
    },
    90_000,
  );
});
