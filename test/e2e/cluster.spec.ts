import { programFrom } from '@lifeos/test-support';
import { describeOnPostgres } from '../integration/read-models/support/databases.js';
import { TestNodes, type Call } from './support/nodes.js';
import {
  allRunsFrames,
  ask,
  eventually,
  finished,
  storedEvents,
  streamFrames,
  workflow,
  type AllRunsFrame,
  type Frame,
} from './support/http.js';

/** Of the block's tests, which share processes: started once, and what a test has ended is started again for the next one. */
function nodesForTests(count: number, environment: Readonly<Record<string, string>>): { readonly nodes: TestNodes } {
  let nodes: TestNodes;
  beforeAll(async () => {
    nodes = await TestNodes.start(count, { LIFEOS_SHUTDOWN_GRACE_MS: '200', ...environment });
  }, 120_000);
  beforeEach(() => nodes.startMissing(), 120_000);
  afterAll(() => nodes.dispose(), 120_000);
  return {
    get nodes() {
      return nodes;
    },
  };
}

const typesOf = async (url: string, id: number): Promise<readonly string[]> => (await storedEvents(url, id)).map(({ type }) => type);
const times = (types: readonly string[], type: string): number => types.filter((one) => one === type).length;

/** Waits until the tool was called so often. */
const calledAt = (nodes: TestNodes, name: string, count = 1): Promise<readonly Call[]> =>
  eventually(
    () => nodes.calls(name),
    (calls) => calls.length >= count,
  );

/** Starts a run with a step that lasts, and answers with it and the node that runs it. */
async function longStep(nodes: TestNodes, name: string, more: object = {}): Promise<{ readonly id: number; readonly at: number }> {
  const id = await nodes.submit(0, [nodes.step('long', name, more)]);
  const [call] = await calledAt(nodes, name);
  return { id, at: nodes.indexOfProcess(call!.pid) };
}

const other = (nodes: TestNodes, than: number): number => (than + 1) % nodes.engines.length;

describeOnPostgres('three nodes over one event store and one database', () => {
  const block = nodesForTests(3, { LIFEOS_LEASE: '3s' });

  it('know of each other, and any of them answers any request and any reader of a stream', async () => {
    const { nodes } = block;
    for (const index of [0, 1, 2]) {
      const items = await eventually(
        () => nodes.list(index),
        (list) => list.length === 3,
      );
      expect(items.map(({ lease }) => lease)).toEqual(['held', 'held', 'held']);
      expect(items.filter((node) => node.is_self).map(({ pid }) => pid)).toEqual([nodes.process(index).pid]);
    }
    const ids = await Promise.all(
      Array.from({ length: 9 }, (_, n) => nodes.submit(n % 3, [nodes.step('a'), { ...nodes.step('b'), depends_on: ['a'] }])),
    );
    for (const [n, id] of ids.entries()) {
      const streams = await Promise.all(nodes.urls.map((url) => streamFrames(url, id)));
      expect(streams[0]!.at(-1)).toMatchObject({ type: 'workflow_complete' });
      expect(streams).toEqual([streams[0], streams[0], streams[0]]);
      expect((await finished(nodes.url((n + 1) % 3), id)).state).toBe('SUCCEEDED');
    }
    expect(new Set(ids).size).toBe(9);
  });

  it('run the step of a killed node again once its lease has run out, and record one success', async () => {
    const { nodes } = block;
    const { id, at } = await longStep(nodes, 'killed');
    const { pid } = nodes.process(at);
    await nodes.kill(at);
    const left = other(nodes, at);
    await eventually(
      () => nodes.list(left),
      (list) => list.some((node) => node.pid === pid && node.lease === 'over'),
    );
    const calls = await calledAt(nodes, 'killed', 2);
    await nodes.letGo('killed');
    const run = await finished(nodes.url(left), id);
    expect(run).toMatchObject({ state: 'SUCCEEDED', steps: [{ output: { pid: calls[1]!.pid } }] });
    expect(calls[1]).toMatchObject({ attempt: 2 });
    expect(calls[1]!.pid).not.toBe(pid);
    const events = await storedEvents(nodes.url(left), id);
    expect(events.filter(({ type }) => type === 'StepFailed').map(({ data }) => data['error'])).toMatchObject([
      { code: 'attempt.interrupted' },
    ]);
    expect(events.filter(({ type }) => type === 'StepSucceeded')).toHaveLength(1);
    expect(await nodes.calls('killed')).toHaveLength(2);
  });

  it('refuse and record what nodes say that were stopped for longer than their leases', async () => {
    const { nodes } = block;
    // One tool ends when it is told to, one goes on regardless.
    const steps = { tame: false, stubborn: true };
    const names = Object.keys(steps);
    const ids = await Promise.all(
      Object.entries(steps).map(([name, stubborn]) => nodes.submit(0, [nodes.step('long', name, { stubborn })])),
    );
    const stopped = new Set<number>();
    for (const name of names) stopped.add(nodes.indexOfProcess((await calledAt(nodes, name))[0]!.pid));
    for (const at of stopped) nodes.process(at).kill('SIGSTOP');
    // Both runs may have been one node's.
    const left = [0, 1, 2].filter((index) => !stopped.has(index));
    for (const [n, name] of names.entries()) {
      const calls = await calledAt(nodes, name, 2);
      expect(calls[1]!.attempt).toBe(2);
      expect(left.map((index) => nodes.process(index).pid)).toContain(calls[1]!.pid);
      await nodes.letGo(name);
      expect((await finished(nodes.url(left[0]!), ids[n]!)).state).toBe('SUCCEEDED');
    }
    for (const at of stopped) nodes.process(at).kill('SIGCONT');
    for (const id of ids) {
      const events = await eventually(
        () => storedEvents(nodes.url(left[0]!), id),
        (stored) => stored.some(({ type }) => type === 'StepResultRefused'),
      );
      const types = events.map(({ type }) => type);
      for (const type of ['StepSucceeded', 'StepResultRefused', 'WorkflowCompleted']) expect([type, times(types, type)]).toEqual([type, 1]);
      for (const url of nodes.urls) {
        await eventually(
          () => ask<{ events: { type: string }[] }>(url, 'GET', `/api/workflows/${id}/timeline`),
          ({ body }) => body.events.some(({ type }) => type === 'step_result_refused'),
        );
      }
    }
    // They take part again.
    await eventually(
      () => nodes.list(left[0]!),
      (list) => list.filter(({ lease }) => lease === 'held').length === 3,
    );
  });

  it('go on projecting when the node that projects is killed, again and again', async () => {
    const { nodes } = block;
    for (let kill = 0; kill < 2; kill++) {
      const projecting = await eventually(
        () => nodes.projecting(),
        (index) => index !== undefined && nodes.engines[index] !== undefined,
      );
      await nodes.kill(projecting!);
      const left = nodes.engines.findIndex((engine) => engine !== undefined);
      const id = await nodes.submit(left, [nodes.step('a')]);
      for (const url of nodes.urls) expect((await finished(url, id)).state).toBe('SUCCEEDED');
      // A run is answered for from the log, too, before somebody projects; and a busy server takes its time to notice that a client has gone.
      await eventually(
        () => nodes.projecting(),
        (index) => index !== undefined && index !== projecting,
      );
    }
  });

  it('are updated one after the other while runs come in: none is lost, all are read all the time, and the new rows come with the last update', async () => {
    const { nodes } = block;
    const tomorrow = await programFrom('test/e2e/support/engine-of-tomorrow.program.ts');
    const ids = [await nodes.submit(0, [nodes.step('a'), { ...nodes.step('b'), depends_on: ['a'] }])];
    expect((await finished(nodes.url(0), ids[0]!)).state).toBe('SUCCEEDED');
    const version = await nodes.versionOf('timeline');
    let isOver = false;
    /** Submits to whichever node is there, and reads a run that has ended: its timeline is whole in every moment. */
    const load = async (): Promise<void> => {
      for (let turn = 0; !isOver; turn++) {
        const there = nodes.engines.flatMap((engine, index) => (engine ? [index] : []));
        const at = there[turn % there.length]!;
        ids.push(await nodes.submit(at, [nodes.step('a'), { ...nodes.step('b'), depends_on: ['a'] }]));
        const { state } = await finished(nodes.url(at), ids.at(-1)!);
        expect(state).toBe('SUCCEEDED');
        const { body } = await ask<{ events: { type: string }[] }>(nodes.url(at), 'GET', `/api/workflows/${ids[0]}/timeline`);
        expect(
          times(
            body.events.map(({ type }) => type),
            'step_succeeded',
          ),
        ).toBe(2);
      }
    };
    const isStopping = (error: unknown): boolean => error instanceof TypeError || /ECONNRE|socket|fetch|503/.test(String(error));
    const loads = Array.from({ length: 3 }, async () => {
      // A node that stops answers nobody: whoever asked goes to another one.
      while (!isOver)
        await load().catch((error: unknown) => {
          if (!isStopping(error)) throw error;
        });
    });
    const updates = async (): Promise<void> => {
      for (const index of [0, 1, 2]) await nodes.update(index, tomorrow);
      await eventually(
        () => nodes.versionOf('timeline'),
        (now) => now === version + 1,
      );
    };
    await updates().finally(() => (isOver = true));
    await Promise.all(loads);
    expect(ids.length).toBeGreaterThan(10);
    for (const [n, id] of ids.entries()) {
      const url = nodes.url(n % 3);
      expect((await finished(url, id)).state).toBe('SUCCEEDED');
      const types = await typesOf(url, id);
      expect([times(types, 'StepSucceeded'), times(types, 'WorkflowCompleted')]).toEqual([2, 1]);
    }
  });

  it('have complained of no leak', () => {
    const { nodes } = block;
    expect(nodes.output).not.toMatch(/MaxListeners|memory leak|Unhandled|DeprecationWarning/i);
  });
});

describeOnPostgres('nodes whose leases are longer than the test', () => {
  const block = nodesForTests(2, { LIFEOS_LEASE: '10m' });

  it('serve a reader who goes from one to another: nothing is lost, nothing comes twice', async () => {
    const { nodes } = block;
    const gates = [5, 10, 15, 20, 25];
    const steps = Array.from({ length: 30 }, (_, n) => ({
      ...nodes.step(`s${n}`, gates.includes(n) ? `gate-${n}` : undefined),
      ...(n > 0 && { depends_on: [`s${n - 1}`] }),
    }));
    const id = await nodes.submit(0, steps);
    const frames: Frame[] = [];
    const all: AllRunsFrame[] = [];
    const isEnd = (frame: AllRunsFrame): boolean => frame.data.workflow_id === id && frame.data.type === 'workflow_complete';
    // Each reads a little from one node, then goes to the next: before a gate opens, and while the run goes on behind it.
    const readOn = async (turn: number): Promise<void> => {
      const [one, two] = [nodes.url(turn % 2), nodes.url((turn + 1) % 2)];
      const after = frames.at(-1)?.id;
      const [ofRun, ofAll] = await Promise.all([
        streamFrames(one, id, { enough: 4, ...(after !== undefined && { after }) }),
        allRunsFrames(two, all.at(-1)?.id ?? '0', (found) => found.length >= 4 || found.some(isEnd)),
      ]);
      frames.push(...ofRun);
      all.push(...ofAll);
    };
    let turn = 0;
    for (const gate of gates) {
      await calledAt(nodes, `gate-${gate}`);
      await readOn(turn++);
      await nodes.letGo(`gate-${gate}`);
      await readOn(turn++);
    }
    while (frames.at(-1)!.type !== 'workflow_complete' && turn < 100) {
      const more = await streamFrames(nodes.url(turn++ % 2), id, { after: frames.at(-1)!.id, enough: 4 });
      frames.push(...more);
    }
    while (!all.some(isEnd) && turn < 200)
      all.push(...(await allRunsFrames(nodes.url(turn++ % 2), all.at(-1)!.id, (found) => found.length >= 4 || found.some(isEnd))));
    expect(turn).toBeGreaterThan(10);
    for (const url of nodes.urls) {
      const whole = await streamFrames(url, id);
      expect(frames).toEqual(whole);
      const wholeOfAll = await allRunsFrames(url, '0', (found) => found.some(isEnd));
      expect(all.map((frame) => frame.id)).toEqual(wholeOfAll.map((frame) => frame.id));
    }
    expect(
      times(
        frames.map(({ type }) => type),
        'step_succeeded',
      ),
    ).toBe(30);
  });

  it('interrupt no step that outlasts a restart of the event store', async () => {
    const { nodes } = block;
    const { id, at } = await longStep(nodes, 'outlasts');
    await nodes.killStore();
    await eventually(
      () => ask(nodes.url(at), 'GET', '/health/ready'),
      ({ status }) => status === 503,
    );
    await nodes.startStore();
    // Another run goes through both: they work again, and whoever got the delivery of the long step has it.
    for (const url of nodes.urls) {
      await eventually(
        () => ask(url, 'GET', '/health/ready'),
        ({ status }) => status === 200,
      );
    }
    const second = await nodes.submit(other(nodes, at), [nodes.step('a'), { ...nodes.step('b'), depends_on: ['a'] }]);
    expect((await finished(nodes.url(at), second)).state).toBe('SUCCEEDED');
    expect((await workflow(nodes.url(at), id)).steps[0]).toMatchObject({ state: 'RUNNING', attempts: 1 });
    await nodes.letGo('outlasts');
    expect((await finished(nodes.url(at), id)).state).toBe('SUCCEEDED');
    expect(await nodes.calls('outlasts')).toHaveLength(1);
    expect(await typesOf(nodes.url(at), id)).not.toContain('StepFailed');
  });

  it('take over at once what a node ran that is stopped in good order', async () => {
    const { nodes } = block;
    const { id, at } = await longStep(nodes, 'handed-back');
    const left = other(nodes, at);
    await nodes.stop(at);
    const calls = await calledAt(nodes, 'handed-back', 2);
    expect(calls[1]!.pid).toBe(nodes.process(left).pid);
    await nodes.letGo('handed-back');
    expect((await finished(nodes.url(left), id)).state).toBe('SUCCEEDED');
    expect(times(await typesOf(nodes.url(left), id), 'StepSucceeded')).toBe(1);
    // And what comes now, with its read models.
    const second = await nodes.submit(left, [nodes.step('a')]);
    expect((await finished(nodes.url(left), second)).state).toBe('SUCCEEDED');
  });

  it('have complained of no leak', () => {
    expect(block.nodes.output).not.toMatch(/MaxListeners|memory leak|Unhandled|DeprecationWarning/i);
  });
});
