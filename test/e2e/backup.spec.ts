import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { filesIn } from '../integration/tools/support/tool-calls.js';
import { LifeosProcess, removeFolder, serveEngine, stopEngine, temporaryFolder } from './support/engine-process.js';
import { approveAll, ask, eventually, finished, workflow, type ApprovalDto } from './support/http.js';

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

describe('lifeos backup and restore', () => {
  let parent: string;
  let dataDir: string;
  let backup: string;
  beforeEach(async () => {
    parent = await temporaryFolder();
    [dataDir, backup] = [path.join(parent, 'data'), path.join(parent, 'backup')];
  });
  afterEach(() => removeFolder(parent));

  async function lifeos(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Outcome> {
    const process = LifeosProcess.start(args, environment);
    const { code } = await process.exited;
    await process.closed;
    return { code, output: process.output };
  }

  const submit = async (url: string, intent: string): Promise<number> =>
    (await ask<{ workflow_id: number }>(url, 'POST', '/api/workflows/submit', { user_id: 1, intent })).body.workflow_id;

  const openApprovals = async (url: string, id: number): Promise<readonly ApprovalDto[]> =>
    (await ask<ApprovalDto[]>(url, 'GET', `/api/approvals/workflow/${id}`)).body.filter(({ status }) => status === 'required');

  const outboxOf = (folder: string): Promise<readonly string[]> => filesIn(path.join(folder, 'outbox'));

  it('bring runs, waiting ones and their files to another folder, taken while the engine runs', async () => {
    const engine = await serveEngine(dataDir);
    const done = await submit(engine.url, 'schedule gym 2x this week');
    const before = await finished(engine.url, done);
    const files = await outboxOf(dataDir);
    expect(files.length).toBeGreaterThan(0);
    const waiting = await submit(engine.url, 'apply to 1 backend job');
    await eventually(
      () => openApprovals(engine.url, waiting),
      ({ length }) => length > 0,
    );

    const taken = await lifeos(['backup', backup], { LIFEOS_DATA_DIR: dataDir });
    expect(taken).toEqual({
      code: 0,
      output: expect.stringMatching(/^Backed up \d+ events in \d+ streams, .* \d+ outbox entries to .*\n$/) as string,
    });
    const again = await lifeos(['backup', backup], { LIFEOS_DATA_DIR: dataDir });
    expect(again).toEqual({ code: 1, output: expect.stringMatching(/^lifeos: .* exists already: .*\n$/) as string });
    const later = await submit(engine.url, 'schedule gym 2x this week');
    await finished(engine.url, later);
    const inUse = await lifeos(['restore', backup], { LIFEOS_DATA_DIR: dataDir });
    expect(inUse).toEqual({ code: 1, output: expect.stringMatching(/^lifeos: .* is not empty \(it holds .*\n$/) as string });
    await stopEngine(engine);

    const other = path.join(parent, 'restored');
    expect(await lifeos(['restore', backup], { LIFEOS_DATA_DIR: other })).toEqual({
      code: 0,
      output: expect.stringMatching(/^Restored \d+ events .*\n$/) as string,
    });
    const restored = await serveEngine(other);
    await eventually(
      () => ask(restored.url, 'GET', '/health/ready'),
      ({ status }) => status === 200,
    );
    expect(await workflow(restored.url, done)).toEqual(before);
    for (const file of files)
      expect(await readFile(path.join(other, 'outbox', file), 'utf8')).toBe(await readFile(path.join(dataDir, 'outbox', file), 'utf8'));
    expect(await openApprovals(restored.url, waiting)).not.toHaveLength(0);
    const approved = await approveAll(restored.url, waiting);
    expect(approved.state).toBe('SUCCEEDED');
    expect((await outboxOf(other)).some((file) => file.startsWith('applications/'))).toBe(true);
    // The run that began after the backup is unknown, so its id is given to another one, which must have effects of its own.
    const reused = await submit(restored.url, 'schedule yoga 2x this week');
    expect(reused).toBe(later);
    expect((await finished(restored.url, reused)).state).toBe('SUCCEEDED');
    const calendars = (await outboxOf(other)).filter((file) => file.endsWith('.ics'));
    const texts = await Promise.all(calendars.map((file) => readFile(path.join(other, 'outbox', file), 'utf8')));
    expect(texts.some((text) => /yoga/i.test(text))).toBe(true);
    await stopEngine(restored);
  }, 180_000);

  it.each(['backup', 'restore'])('%s says what to do instead where the log is on a server', async (command) => {
    await mkdir(dataDir);
    const refused = await lifeos([command, backup], { LIFEOS_DATA_DIR: dataDir, EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false' });
    expect(refused.code).toBe(1);
    expect(refused.output.trim().split('\n')).toEqual([
      expect.stringMatching(/EVENTSTORE_URL names a server: use the server's own backup/),
    ]);
  });
});
