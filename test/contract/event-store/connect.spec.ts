import { createServer } from 'node:net';
import { jest } from '@jest/globals';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { connectEventStore } from '../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { QUICK, SILENT } from './support/quick-timings.js';
import { TestNode } from './support/test-node.js';

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

  it('waits for a server that starts later', async () => {
    await node.stop();
    const connected = connectEventStore(node.connectionString, { logger: SILENT, timings: QUICK });
    await node.startAgain();
    const connection = await connected;
    expect(await connection.log.headPosition()).toBeGreaterThanOrEqual(0n);
    await connection.close();
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
});
