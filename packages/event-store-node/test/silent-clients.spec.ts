import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedNode, type LocalNode } from '../src/index.js';

/** What a client says first: the preface of HTTP/2, and its settings, which are the defaults. */
const GREETING = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);

describe('an embedded node', () => {
  let folder: string;
  let node: LocalNode;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'silent-clients-'));
    node = await startEmbeddedNode({ dataDir: folder, pingAfterMs: 50, pingTimeoutMs: 500 });
  });
  afterAll(async () => {
    await node.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('closes the connection of a client that is there no more, though nobody has closed it', async () => {
    const socket = connect(node.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(GREETING);
    // It reads, as the kernel does for a process that is stopped, and answers nothing.
    socket.resume();
    await once(socket, 'close');
  });

  it('keeps that of one that answers', async () => {
    const session = http2.connect(`http://127.0.0.1:${node.port}`);
    let pings = 0;
    await new Promise<void>((resolve, reject) => {
      session.once('close', () => reject(new Error('it was closed')));
      session.on('ping', () => ++pings === 5 && resolve());
    });
    session.removeAllListeners('close');
    session.destroy();
  });
});
