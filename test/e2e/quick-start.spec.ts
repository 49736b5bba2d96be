import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { preparedFolder } from '../integration/read-models/support/prepared-database.js';
import { LifeosProcess, removeFolder, serveEngine, stopEngine, temporaryFolder, type ServedEngine } from './support/engine-process.js';
import {
  allRunsFrames,
  approveAll,
  ask,
  eventually,
  finished,
  storedEvents,
  streamFrames,
  workflow,
  type ApprovalDto,
} from './support/http.js';

const INTENT = 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list';

describe('the quick start', () => {
  let dataDir: string;
  let engine: ServedEngine;

  beforeAll(async () => {
    // As a user's first start finds it.
    dataDir = await temporaryFolder();
    engine = await serveEngine(dataDir);
  });
  afterAll(async () => {
    expect(await stopEngine(engine)).toEqual({ code: 0, signal: null });
    await removeFolder(dataDir);
  });

  const submit = async (intent = INTENT): Promise<number> => {
    const { status, body } = await ask<{ workflow_id: number }>(
      engine.url,
      'POST',
      `/api/workflows/submit?user_id=1&intent=${encodeURIComponent(intent)}`,
    );
    expect(status).toBe(201);
    return body.workflow_id;
  };

  it('runs the intent to its approval gates, then to the end', async () => {
    const id = await submit();
    const waiting = await eventually(
      () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${id}`),
      ({ body }) => body.filter(({ status }) => status === 'required').length === 2,
    );
    expect(waiting.body[0]).toMatchObject({ workflow_id: id, tool: 'job_submit', risk_level: 'L3', status: 'required' });
    expect(waiting.body[0]!.args_hash).toMatch(/^[0-9a-f]{64}$/);
    const before = await storedEvents(engine.url, id);
    const submits = (await workflow(engine.url, id)).steps.filter(({ tool }) => tool === 'job_submit');
    expect(submits.map(({ state }) => state)).toEqual(['BLOCKED', 'BLOCKED']);
    expect(before.filter(({ type, data }) => type === 'StepStarted' && data['tool'] === 'job_submit')).toEqual([]);

    const run = await approveAll(engine.url, id);
    expect(run.state).toBe('SUCCEEDED');
    expect(run.steps.map(({ state }) => state)).toEqual(run.steps.map(() => 'SUCCEEDED'));
    expect(run.steps.map(({ tool }) => tool).sort()).toEqual(
      ['job_search', 'cv_tailor', 'cv_tailor', 'job_submit', 'job_submit', 'calendar_create', 'grocery_plan'].sort(),
    );
    const files = await readdir(path.join(dataDir, 'outbox'), { recursive: true });
    expect(files.filter((file) => file.endsWith('.ics'))).toHaveLength(1);
  });

  it.each([
    ['Apply%20to%202%20backend%20jobs...', 2],
    ['Apply+to+2+backend+jobs%E2%80%A6', 2],
    ['Apply%20to%20jobs,%20schedule%20gym...', 2],
  ])('takes its text as it stands: intent=%s', async (intent, applications) => {
    const { status, body } = await ask<{ workflow_id: number }>(engine.url, 'POST', `/api/workflows/submit?user_id=1&intent=${intent}`);
    expect(status).toBe(201);
    const run = await approveAll(engine.url, body.workflow_id);
    expect(run.state).toBe('SUCCEEDED');
    expect(run.steps.filter(({ tool }) => tool === 'job_submit')).toHaveLength(applications);
  });

  it('streams every event once and in order, and resumes exactly after the last one seen', async () => {
    const id = await submit('schedule gym 3x this week and create a grocery list');
    const all = await streamFrames(engine.url, id);
    expect(all.map(({ id: revision }) => revision)).toEqual(all.map((_, index) => index));
    expect(all[0]!.type).toBe('workflow_started');
    expect(all.at(-1)!.type).toBe('workflow_complete');
    const first = await streamFrames(engine.url, id, { enough: 3 });
    const rest = await streamFrames(engine.url, id, { after: first.at(-1)!.id });
    expect([...first, ...rest]).toEqual(all);
  });

  it('is answered as finished at once after the stream has told its end', async () => {
    for (let n = 0; n < 10; n++) {
      const id = await submit('create a grocery list');
      expect((await streamFrames(engine.url, id)).at(-1)!.type).toBe('workflow_complete');
      expect((await workflow(engine.url, id)).state).toBe('SUCCEEDED');
    }
  });

  it('gives each entry the position of its event, in the timeline and in the stream of all runs', async () => {
    const id = await submit('create a grocery list');
    await streamFrames(engine.url, id);
    const expected = (await storedEvents(engine.url, id)).map(({ revision, position }) => ({ id: revision, position }));
    const { body } = await ask<{ events: { id: number; position: string }[] }>(engine.url, 'GET', `/api/workflows/${id}/timeline`);
    expect(body.events.map(({ id: revision, position }) => ({ id: revision, position }))).toEqual(expected);
    const ofAll = await allRunsFrames(engine.url, '0', (frames) =>
      frames.some(({ data }) => data.workflow_id === id && data.type === 'workflow_complete'),
    );
    const positions = ofAll.map(({ data }) => data.position);
    expect(ofAll.map(({ id: position }) => position)).toEqual(positions);
    expect(ofAll.filter(({ data }) => data.workflow_id === id).map(({ data }) => ({ id: data.id, position: data.position }))).toEqual(
      expected,
    );
    expect((await ask(engine.url, 'GET', `/api/workflows/${id}?min_position=${positions.at(-1)}`)).status).toBe(200);
  });

  it('skips a rejected step and what depends on it, and still completes', async () => {
    const id = await submit('apply to 1 backend job');
    const { body } = await eventually(
      () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${id}`),
      (answer) => answer.body.length === 1,
    );
    const decision = { decision: 'reject', decided_by: 10, reason: 'Too risky' };
    const path = `/api/approvals/${body[0]!.approval_id}/decision`;
    const first = await ask<{ position: string }>(engine.url, 'POST', path, decision);
    const one = await ask(engine.url, 'GET', `/api/approvals/${body[0]!.approval_id}?min_position=${first.body.position}`);
    expect(one).toMatchObject({ status: 200, body: { workflow_id: id, intent: 'apply to 1 backend job', status: 'rejected' } });
    expect(first).toMatchObject({ status: 200, body: { status: 'rejected', decided_by: 10 } });
    expect((await finished(engine.url, id)).steps.map(({ state }) => state)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SKIPPED']);
    const again = { ...decision, decided_by: 12, reason: 'No' };
    const recorded = { status: 'rejected', decided_by: 10, reason: 'Too risky', already_decided: true };
    expect((await ask(engine.url, 'POST', path, again)).body).toMatchObject(recorded);
    expect(await ask(engine.url, 'POST', path, { decision: 'approve', decided_by: 11 })).toMatchObject({
      status: 409,
      body: { code: 'approval.already-decided' },
    });
  });

  it('fails a run whose intent it cannot plan, and says what it can', async () => {
    const id = await submit('Compose a symphony');
    expect((await finished(engine.url, id)).state).toBe('FAILED');
    expect((await storedEvents(engine.url, id)).at(-1)).toMatchObject({
      type: 'WorkflowFailed',
      data: { reason: expect.stringMatching(/grocery/i) as unknown },
    });
  });

  it('reads its own writes with min_position', async () => {
    const { body } = await ask<{ workflow_id: number; position: string }>(engine.url, 'POST', '/api/workflows/submit', {
      user_id: 7,
      intent: 'create a grocery list',
    });
    const read = await ask(engine.url, 'GET', `/api/workflows/${body.workflow_id}?min_position=${body.position}`);
    expect(read).toMatchObject({ status: 200, body: { user_id: 7 } });
  });

  it('answers a repeated submission with the first run', async () => {
    const headers = { 'Idempotency-Key': 'one-wish' };
    const body = { user_id: 8, intent: 'create a grocery list' };
    const [first, second] = await Promise.all(
      [1, 2].map(() => ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', body, headers)),
    );
    expect(second!.body.workflow_id).toBe(first!.body.workflow_id);
    expect(await ask(engine.url, 'POST', '/api/workflows/submit', { ...body, intent: 'yoga twice a week' }, headers)).toMatchObject({
      body: { code: 'idempotency-key.reused' },
    });
  });

  it('cancels a run for good', async () => {
    const id = await submit('apply to 1 backend job');
    const { body } = await eventually(
      () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${id}`),
      (answer) => answer.body.length === 1,
    );
    expect(await ask(engine.url, 'POST', `/api/workflows/${id}/cancel`, { reason: 'changed my mind' })).toMatchObject({
      status: 200,
      body: { state: 'CANCELLED' },
    });
    expect((await finished(engine.url, id)).steps.at(-1)!.state).toBe('CANCELLED');
    expect(
      await ask(engine.url, 'POST', `/api/approvals/${body[0]!.approval_id}/decision`, { decision: 'approve', decided_by: 10 }),
    ).toMatchObject({
      status: 409,
      body: { code: 'approval.void' },
    });
  });

  it('prints each event of a run and what it changed while the server runs', async () => {
    const id = await submit('create a grocery list');
    await finished(engine.url, id);
    const replay = LifeosProcess.start(['replay', String(id)], { LIFEOS_DATA_DIR: dataDir });
    expect(await replay.exited).toEqual({ code: 0, signal: null });
    expect(replay.output).toMatch(/#0 \S+ WorkflowSubmitted/);
    expect(replay.output).toMatch(/state: "RUNNING" → "SUCCEEDED"/);
  });
});

describe('the demo', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await preparedFolder();
  });
  afterAll(() => removeFolder(dataDir));

  const demo = async (args: readonly string[], input?: string): Promise<{ code: number | null; output: string }> => {
    const process = LifeosProcess.start(['demo', ...args], { LIFEOS_DATA_DIR: dataDir }, input);
    const { code } = await process.exited;
    return { code, output: process.output };
  };

  it.each([
    ['--yes', [], undefined],
    ['an answer in the pipe', [], 'yes\nyes\n'],
  ])('reads like the quick start with %s', async (name, _args, input) => {
    const { code, output } = await demo(name === '--yes' ? ['--yes'] : [], input);
    expect(output).toMatch(/Submitting workflow: Apply to 2 backend jobs/);
    expect(output).toMatch(/✅ Workflow submitted: ID = \d+/);
    expect(output).toMatch(
      /🛑 Found pending approval:\n {3}Step ID: \d+\n {3}Reason: High-risk operation: Submit job application.* \(risk level: L3\)\n {3}Approval ID: \d+/,
    );
    expect(output).toMatch(/• step_succeeded: Step succeeded: Search for backend jobs/);
    expect(output).toMatch(/Do you want to approve\? \(yes\/no\): yes/);
    expect(output).toMatch(/🏁 \[[^\]]+Z\] workflow_complete: Workflow completed/);
    expect(code).toBe(0);
  });

  it('rejects with --no and still completes', async () => {
    const { code, output } = await demo(['--no']);
    expect(output).toMatch(/step_skipped: Step skipped: Submit job application/);
    expect(output).toMatch(/workflow_complete/);
    expect(code).toBe(0);
  });

  it('shows what is asked for, and takes a reason with a no', async () => {
    const { code, output } = await demo([], 'no, too far away\nyes\n');
    expect(output).toMatch(/ {3}Approval ID: \d+\n {3}job: \S.* · \S.* · .*\n {3}cv markdown: # .*… \(\d+ words\)\n/);
    expect(output).toMatch(/🚫 Approval rejected: too far away/);
    expect(output).toMatch(/step_skipped: Step skipped: Submit job application 1/);
    expect(output).toMatch(/step_succeeded: Step succeeded: Submit job application 2/);
    expect(output).toMatch(/workflow_complete/);
    expect(code).toBe(0);
  });

  it.each(['Apply to 2 astronaut jobs', 'Apply to 2 astronaut jobs and to 1 backend job'])(
    'ends where nothing more can come, and says why: "%s"',
    async (intent) => {
      const { code, output } = await demo(['--yes', '--intent', intent]);
      expect(output).toMatch(/📮 The workflow waits for a person.*\n {3}Search for astronaut jobs: No job matches "astronaut"/);
      expect(code).toBe(1);
    },
  );

  it('leaves its engine usable with --stay, until Ctrl+C', async () => {
    const process = LifeosProcess.start(['demo', '--yes', '--stay'], { LIFEOS_DATA_DIR: dataDir });
    const [, url] = await process.says(/The engine stays: (http:\/\/127\.0\.0\.1:\d+) \(Ctrl\+C ends it\)/);
    expect(process.output).toContain(`The console: ${url!}`);
    expect(process.output).toMatch(/workflow_complete/);
    expect((await fetch(url!)).headers.get('content-type')).toContain('text/html');
    expect((await ask<{ items: object[] }>(url!, 'GET', '/api/workflows')).body.items.length).toBeGreaterThan(0);
    process.kill('SIGINT');
    expect(await process.exited).toEqual({ code: 0, signal: null });
  });

  it('does not hang without a terminal and without an answer, and what it says to do works after it has ended', async () => {
    const { code, output } = await demo([]);
    expect(output).toMatch(/No answer: the approvals stay pending/);
    expect(code).toBe(0);
    expect(output).toContain(`LIFEOS_DATA_DIR='${dataDir}' npm start`);
    const engine = await serveEngine(dataDir);
    const commands = output.match(/^ {2}curl .*$/gm)!;
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const { stdout } = await promisify(execFile)('bash', ['-c', command.replace(/http:\/\/127\.0\.0\.1:\d+/, engine.url)]);
      expect(JSON.parse(stdout)).toMatchObject({ status: 'approved', already_decided: false });
    }
    await stopEngine(engine);
  });

  it('runs against a server that is up, with another intent', async () => {
    const served = await serveEngine(dataDir);
    const { code, output } = await demo(['--url', served.url, '--intent', 'yoga twice a week', '--yes']);
    expect(output).toMatch(/workflow_complete/);
    expect(code).toBe(0);
    await stopEngine(served);
  });

  it('says who has the data folder when an engine runs on it', async () => {
    const served = await serveEngine(dataDir);
    const { code, output } = await demo(['--yes']);
    expect(output).toMatch(/in use/);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
    await stopEngine(served);
  });
});
