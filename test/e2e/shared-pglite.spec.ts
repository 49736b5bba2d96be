import { createServer } from 'node:net';
import { LifeosProcess, removeFolder, temporaryFolder } from './support/engine-process.js';
import { ask, finished } from './support/http.js';
import { TestNodes, type NodesDatabase } from './support/nodes.js';

/** A process with the embedded database, as `lifeos cluster` starts it. */
async function startDatabase(folder: string): Promise<NodesDatabase> {
  const process = LifeosProcess.start(['database'], { LIFEOS_DATA_DIR: folder });
  const [, url] = await process.says(/^listening on (postgres:\S+)$/m);
  const drop = async (): Promise<void> => {
    process.kill('SIGTERM');
    expect(await process.exited).toEqual({ code: 0, signal: null });
  };
  return { url: url!, drop };
}

describe('nodes over one embedded database in a process of its own', () => {
  let nodes: TestNodes;
  beforeAll(async () => {
    // The first one is alone when it is ready: it projects.
    nodes = await TestNodes.start(1, { LIFEOS_LEASE: '3s', LIFEOS_SHUTDOWN_GRACE_MS: '200' }, startDatabase);
    await nodes.add(1);
  }, 120_000);
  afterAll(() => nodes.dispose(), 120_000);

  const runs = async (submitAt: number, readAt: number): Promise<void> => {
    const id = await nodes.submit(submitAt, [nodes.step('a'), { ...nodes.step('b'), depends_on: ['a'] }]);
    expect((await finished(nodes.url(readAt), id)).state).toBe('SUCCEEDED');
  };

  it('read at one what was submitted at the other', async () => {
    await Promise.all([runs(0, 1), runs(1, 0), runs(0, 1), runs(1, 0)]);
  });

  it('go on projecting when the node that projects is stopped, and when the next one is killed', async () => {
    nodes.process(0).kill('SIGSTOP');
    await runs(1, 1);
    nodes.process(0).kill('SIGCONT');
    await runs(0, 0);
    await nodes.kill(1);
    await runs(0, 0);
  });
});

/** The first of so many ports in a row on which nobody listens. */
async function freePorts(count: number): Promise<number> {
  const isFree = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
  for (let first = 7_700; first + count <= 7_800; first += count) {
    const found = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (found.every(Boolean)) return first;
  }
  throw new Error('no free ports');
}

describe('lifeos cluster without DATABASE_URL', () => {
  let folder: string;
  let cluster: LifeosProcess | undefined;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    // After a failed test: killed, it would leave its processes behind.
    cluster?.kill('SIGTERM');
    await cluster?.exited;
    await removeFolder(folder);
  }, 60_000);

  it('runs several engines over an embedded database that they share, goes on without one of them, and ends them all', async () => {
    const port = await freePorts(2);
    cluster = LifeosProcess.start(['cluster', '2'], {
      LIFEOS_DATA_DIR: folder,
      PORT: String(port),
      LIFEOS_LEASE: '3s',
      NO_COLOR: '1',
    });
    const [, pid] = await cluster.says(/^node 1: \S+ \(process (\d+)\)$/m);
    await cluster.says(/All 2 nodes are ready/);
    const url = (index: number): string => `http://127.0.0.1:${port + index}`;
    const runs = async (submitAt: number, readAt: number): Promise<void> => {
      const plan = { steps: [{ key: 'list', tool: 'grocery_plan', args: {} }] };
      const { status, body } = await ask<{ workflow_id: number }>(url(submitAt), 'POST', '/api/workflows', { user_id: 1, plan });
      expect({ status, body }).toMatchObject({ status: 201 });
      expect((await finished(url(readAt), body.workflow_id)).state).toBe('SUCCEEDED');
    };
    await Promise.all([runs(0, 1), runs(1, 0)]);
    process.kill(Number(pid), 'SIGKILL');
    await cluster.says(/node 1 has ended \(SIGKILL\)/);
    await runs(1, 1);
    cluster.kill('SIGTERM');
    expect(await cluster.exited).toEqual({ code: 0, signal: null });
    expect(cluster.output).not.toMatch(/Unhandled|MaxListeners|could not|failed/i);
  }, 120_000);
});
