import { cp, readdir, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { preparedFolder } from '../integration/read-models/support/prepared-database.js';
import { engineForTests, LifeosProcess, removeFolder, ROOT, serveEngine, stopEngine, temporaryFolder } from './support/engine-process.js';
import { ask, eventually, finished, type WorkflowDto } from './support/http.js';

const run = promisify(execFile);

describe('the server process with a wrong setting', () => {
  it.each([
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['HOST', 'not a host'],
    ['EVENTSTORE_URL', 'http://127.0.0.1:2113'],
    ['DATABASE_URL', 'mysql://127.0.0.1/x'],
    ['LIFEOS_APPROVAL_FROM', 'L0'],
  ])('ends with one clear line when %s is %j', async (name, value) => {
    const process = LifeosProcess.start(['serve'], { LIFEOS_DATA_DIR: path.join(tmpdir(), 'never-made'), [name]: value });
    expect(await process.exited).toEqual({ code: 1, signal: null });
    expect(process.output.trim().split('\n')).toHaveLength(1);
    expect(process.output).toContain(`${name} takes`);
  });
});

describe('a server process while another one serves', () => {
  const engine = engineForTests();
  it('ends with one clear line when the port is taken', async () => {
    const other = await preparedFolder();
    const second = LifeosProcess.start(['serve'], { LIFEOS_DATA_DIR: other, PORT: new URL(engine.url).port, LOG_LEVEL: 'error' });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.output.trim().split('\n')).toHaveLength(1);
    expect(second.output).toMatch(/port \d+ .*in use/i);
    await removeFolder(other);
  });

  it('keeps its data folder to itself: another engine, and a rebuild, end with one clear line', async () => {
    const second = LifeosProcess.start(['serve'], { LIFEOS_DATA_DIR: engine.dataDir, PORT: '0' });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.output.trim().split('\n')).toEqual([expect.stringMatching(/data folder .* is in use by process \d+/)]);
    const rebuild = LifeosProcess.start(['rebuild'], { LIFEOS_DATA_DIR: engine.dataDir });
    expect(await rebuild.exited).toEqual({ code: 1, signal: null });
    expect(rebuild.output.trim().split('\n')).toEqual([expect.stringMatching(/engine runs on .*: stop it first/)]);
    expect((await ask(engine.url, 'GET', '/health/ready')).status).toBe(200);
  });
});

describe('the server process', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await preparedFolder();
  });
  afterEach(() => removeFolder(dataDir));

  it.each(['SIGTERM', 'SIGINT'] as const)('shuts down gracefully on %s, with streams open', async (signal) => {
    const engine = await serveEngine(dataDir);
    const { body } = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', {
      user_id: 1,
      intent: 'apply to 1 backend job',
    });
    const stream = await fetch(`${engine.url}/api/workflows/${body.workflow_id}/stream`);
    engine.process.kill(signal);
    await stream.text();
    expect(await engine.process.exited).toEqual({ code: 0, signal: null });
  });

  it('shuts down gracefully when npm, which started it, gets a SIGTERM', async () => {
    const npm = LifeosProcess.startWithNpm('start', { LIFEOS_DATA_DIR: dataDir, PORT: '0' });
    await npm.says(/is ready/);
    npm.kill('SIGTERM');
    await npm.closed;
    expect(npm.output).toMatch(/Stopped\.\s*$/);
  });
});

describe('the data of an earlier server process', () => {
  let earlier: string;
  let before: WorkflowDto;
  let dataDir: string;
  beforeAll(async () => {
    earlier = await preparedFolder();
    const engine = await serveEngine(earlier);
    const { body } = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', {
      user_id: 1,
      intent: 'create a grocery list',
    });
    before = await finished(engine.url, body.workflow_id);
    await stopEngine(engine);
  });
  beforeEach(async () => {
    dataDir = await temporaryFolder();
    await cp(earlier, dataDir, { recursive: true });
  });
  afterEach(() => removeFolder(dataDir));
  afterAll(() => removeFolder(earlier));

  it('is printed until the reader of the output has seen enough, and then quietly not', async () => {
    const { stderr } = await run(
      'bash',
      ['-c', `set -o pipefail; "$0" dist/cli.js replay ${before.workflow_id} | head -n 1`, process.execPath],
      {
        cwd: ROOT,
        env: { ...process.env, LIFEOS_DATA_DIR: dataDir },
      },
    );
    expect(stderr).toBe('');
  });

  it('is moved aside where it is a database folder that does not open, and rebuilt', async () => {
    await writeFile(path.join(dataDir, 'read-models', 'PG_VERSION'), 'not a database');
    await removeFolder(path.join(dataDir, 'read-models', 'global'));

    const again = await serveEngine(dataDir);
    await eventually(
      () => ask<{ state: string }>(again.url, 'GET', `/api/workflows/${before.workflow_id}`),
      ({ body: { state } }) => state === 'SUCCEEDED',
    );
    expect((await readdir(dataDir)).some((name) => name.startsWith('read-models.'))).toBe(true);
    expect(again.process.output).toMatch(/moved aside|set aside/i);
    await stopEngine(again);
  });

  it('has read models that are rebuilt from the log, all and one at a time', async () => {
    for (const args of [['rebuild'], ['rebuild', 'timeline']]) {
      const rebuild = LifeosProcess.start(args, { LIFEOS_DATA_DIR: dataDir });
      expect(await rebuild.exited).toEqual({ code: 0, signal: null });
      expect(rebuild.output).toMatch(/timeline/);
    }
    // A mistyped folder is told of, not made.
    const mistyped = path.join(dataDir, 'mistyped');
    for (const args of [['rebuild'], ['replay', '1']]) {
      const elsewhere = LifeosProcess.start(args, { LIFEOS_DATA_DIR: mistyped });
      expect(await elsewhere.exited).toEqual({ code: 1, signal: null });
      expect(elsewhere.output.trim().split('\n')).toEqual([expect.stringMatching(/There is no event log in .*mistyped/)]);
      expect(await readdir(dataDir)).not.toContain('mistyped');
    }
    const unknown = LifeosProcess.start(['rebuild', 'nonsense'], { LIFEOS_DATA_DIR: dataDir });
    expect((await unknown.exited).code).toBe(1);
    const again = await serveEngine(dataDir);
    expect((await ask(again.url, 'GET', `/api/workflows/${before.workflow_id}`)).body).toEqual(
      (await ask(again.url, 'GET', `/api/workflows/${before.workflow_id}?min_position=0`)).body,
    );
    expect(await finished(again.url, before.workflow_id)).toEqual(before);
    await stopEngine(again);
  });
});
