import { engineForTests, LifeosProcess, removeFolder, serveEngine, stopEngine } from './support/engine-process.js';
import { ask, eventually, storedEvents, workflow } from './support/http.js';
import { preparedFolder } from '../integration/read-models/support/prepared-database.js';

interface Run {
  readonly workflow_id: number;
  readonly state: string;
  readonly reason: string | null;
  readonly outcome: object | null;
  readonly waiting_for: readonly { readonly kind: string; readonly step_id: number | null; readonly since: string | null }[];
  readonly steps: readonly { readonly key: string; readonly state: string; readonly skip_cause: string | null; readonly output: unknown }[];
}

const search = (query: string) => ({ key: 'search', name: 'Search', tool: 'job_search', args: { query, limit: 1 } });
const tailor = { key: 'tailor', name: 'Tailor', tool: 'cv_tailor', args: { job: { $from: 'search', path: '/jobs/0' } } };
const PLAN = [search('no such trade at all'), tailor];

describe('a step that failed for good', () => {
  const engine = engineForTests();

  const submit = async (steps: readonly object[], more: object = {}): Promise<number> =>
    (await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', { user_id: 1, plan: { steps }, ...more })).body.workflow_id;
  const run = async (id: number): Promise<Run> => (await ask<Run>(engine.url, 'GET', `/api/workflows/${id}`)).body;
  const comesTo = (id: number, state: string): Promise<Run> =>
    eventually(
      () => run(id),
      (now) => now.state === state,
    );
  const waits = (id: number): Promise<Run> =>
    eventually(
      () => run(id),
      (now) => now.waiting_for.length > 0,
    );
  const post = <T = Record<string, unknown>>(path: string, body?: unknown) => ask<T>(engine.url, 'POST', path, body);
  const cli = async (...args: string[]): Promise<string> => {
    const process = LifeosProcess.start([...args, '--url', engine.url], {});
    await process.closed;
    return process.output;
  };

  it('is listed with what happened, is tried again with other arguments by the program, and its run goes on', async () => {
    const id = await submit(PLAN);
    expect((await waits(id)).waiting_for).toMatchObject([{ kind: 'dead_letter', step_id: 1, since: expect.any(String) as string }]);
    const { body } = await ask<{ items: { workflow_id: number; failures: object[] }[] }>(
      engine.url,
      'GET',
      '/api/dead-letters?tool=job_search',
    );
    expect(body.items.find((letter) => letter.workflow_id === id)).toMatchObject({
      user_id: 1,
      error: { code: 'job_search.no-match', effect: 'none' },
      failures: [{ attempt: 1, error: { code: 'job_search.no-match' } }],
    });
    expect(await cli('dead-letters')).toContain(`run ${id}, step 1: Search [job_search], 1 attempt`);
    expect(await cli('dead-letters', 'retry', String(id), '1', '--args', '{"query": 7}')).toContain('do not fit "job_search"');
    const args = JSON.stringify({ query: 'backend', limit: 1 });
    expect(await cli('dead-letters', 'retry', String(id), '1', '--args', args, '--user', '5', '--reason', 'a typo')).toContain(
      `Step 1 of run ${id} is`,
    );
    expect(await comesTo(id, 'SUCCEEDED')).toMatchObject({ outcome: { succeeded: 2, skipped: 0, rejected: 0, failed: 0, cancelled: 0 } });
    const asked = (await storedEvents(engine.url, id)).find(({ type }) => type === 'StepRetryRequested');
    expect(asked).toMatchObject({
      data: { decidedBy: 5, reason: 'a typo', isEdited: true },
      metadata: { actor: { kind: 'user', id: '5' } },
    });
  });

  it('is completed by hand, with what its tool would answer and nothing else', async () => {
    const id = await submit(PLAN);
    await waits(id);
    const path = `/api/workflows/${id}/steps/1/complete`;
    expect(await post(path, { output: { jobs: 'none' } })).toMatchObject({
      status: 422,
      body: { code: 'step.invalid-output', errors: [{ field: '/output' }] },
    });
    const found = await submit([search('backend')]);
    const { output } = (await comesTo(found, 'SUCCEEDED')).steps[0]!;
    expect(await post(path, { output, user_id: 5 })).toMatchObject({
      status: 200,
      body: { workflow_id: id, step_id: 1, state: 'SUCCEEDED' },
    });
    expect(await post(path, { output })).toMatchObject({ status: 200 });
    expect(await comesTo(id, 'SUCCEEDED')).toMatchObject({ outcome: { succeeded: 2 } });
    expect(await post(`/api/workflows/${id}/steps/1/skip`)).toMatchObject({ status: 409, body: { code: 'workflow.finished' } });
    const { body: told } = await ask<{ events: { message: string }[] }>(engine.url, 'GET', `/api/workflows/${id}/timeline`);
    expect(told.events.map(({ message }) => message)).toContain('Step completed by hand: Search (user 5)');
  });

  it('is skipped with what depends on it, alone and in bulk', async () => {
    const ids = [await submit(PLAN), await submit(PLAN), await submit(PLAN, { user_id: 77 })];
    for (const id of ids) await waits(id);
    expect(await post(`/api/workflows/${ids[0]}/steps/1/skip`, { reason: 'not needed' })).toMatchObject({
      status: 200,
      body: { state: 'SKIPPED' },
    });
    const [first] = [await comesTo(ids[0]!, 'SUCCEEDED')];
    expect(first.outcome).toEqual({ succeeded: 0, skipped: 2, rejected: 0, failed: 0, cancelled: 0 });
    expect(first.steps.map(({ state, skip_cause: cause }) => [state, cause])).toEqual([
      ['SKIPPED', 'person'],
      ['SKIPPED', 'dependency'],
    ]);
    const items = [
      { workflow_id: ids[1], step_id: 1 },
      { workflow_id: ids[0], step_id: 2 },
    ];
    expect((await post('/api/dead-letters/bulk', { action: 'skip', items })).body).toMatchObject({
      done: 1,
      failed: [{ workflow_id: ids[0], step_id: 2, code: 'workflow.finished' }],
      more: false,
    });
    expect(await cli('dead-letters', 'give-up-all')).toContain('say which');
    expect(await cli('dead-letters', 'give-up-all', '--of', '77', '--reason', 'no use')).toContain('1 decided, 0 not.');
    expect(await comesTo(ids[2]!, 'FAILED')).toMatchObject({
      reason: 'no use',
      outcome: { failed: 1, cancelled: 1 },
      steps: [{ state: 'FAILED' }, { state: 'CANCELLED' }],
    });
  });

  it('fails its run, or is gone on without, where the submission says so', async () => {
    const failing = await submit(PLAN, { on_failure: 'fail' });
    expect((await comesTo(failing, 'FAILED')).reason).toMatch(/^Step "Search" failed: No job matches/);
    const skipping = await submit([...PLAN, { ...search('backend'), key: 'other' }], { on_failure: 'skip' });
    expect((await comesTo(skipping, 'SUCCEEDED')).outcome).toEqual({ succeeded: 1, skipped: 1, rejected: 0, failed: 1, cancelled: 0 });
    expect(await post('/api/workflows', { user_id: 1, plan: { steps: PLAN }, on_failure: 'sometimes' })).toMatchObject({ status: 400 });
  });

  it('is run again, alone, when its run has failed: what succeeded before is taken over', async () => {
    const steps = [search('backend'), { ...search('no such trade at all'), key: 'wrong' }, tailor];
    const failed = await submit(steps, { on_failure: 'fail' });
    await comesTo(failed, 'FAILED');
    expect(await post(`/api/workflows/${failed}/rerun`, { from: ['nothing'] })).toMatchObject({
      status: 404,
      body: { code: 'step.not-found' },
    });
    const { status, body } = await post<{ workflow_id: number }>(`/api/workflows/${failed}/rerun`, { from: ['wrong'], user_id: 1 });
    expect(status).toBe(201);
    const id = body.workflow_id;
    await eventually(
      () => run(id),
      ({ waiting_for: kinds, state }) => kinds.length > 0 || state !== 'RUNNING',
    );
    const types = (await storedEvents(engine.url, id)).map(({ type }) => type);
    expect(types).toContain('StepOutputReused');
    const shown = (
      await ask<{ rerun_of: number; steps: { key: string; attempts: number; state: string }[] }>(engine.url, 'GET', `/api/workflows/${id}`)
    ).body;
    expect(shown.rerun_of).toBe(failed);
    expect(await ask(engine.url, 'GET', `/api/workflows/${id}/state?revision=0`)).toMatchObject({
      status: 404,
      body: { code: 'revision.not-found', detail: expect.stringContaining(`Workflow ${id} begins at revision `) as string },
    });
    expect(shown.steps.find(({ key }) => key === 'search')).toMatchObject({ state: 'SUCCEEDED', attempts: 0 });
    expect((await ask<{ reruns: number[] }>(engine.url, 'GET', `/api/workflows/${failed}`)).body.reruns).toEqual([id]);
    expect(await post(`/api/workflows/${await submit([{ ...search('backend'), risk_level: 'L3' }])}/rerun`)).toMatchObject({ status: 409 });
  });

  it('waits while its tool is paused, and its run is held, let go on and ended by the program', async () => {
    expect(await cli('pauses')).toContain('Nothing is paused.');
    expect(await cli('pauses', 'set')).toContain('say what is paused');
    expect(await cli('pauses', 'set', '--tool', 'cv_tailer')).toContain('There is no tool "cv_tailer": the tools are ');
    const set = /Pause (\d+): cv_tailor/.exec(await cli('pauses', 'set', '--tool', 'cv_tailor', '--user', '5', '--reason', 'odd letters'))!;
    expect(await cli('pauses', 'list')).toMatch(/: cv_tailor since \S+, by user 5: odd letters/);
    const ready = await (await fetch(`${engine.url}/health/ready`)).json();
    expect(ready).toMatchObject({ status: 'ok', checks: { pauses: { detail: expect.stringContaining('paused: cv_tailor') as string } } });
    const id = await submit([search('backend'), tailor]);
    expect((await waits(id)).waiting_for).toMatchObject([{ kind: 'pause', step_id: 2 }]);
    expect(await cli('pauses', 'lift', set[1]!, '--reason', 'checked')).toContain('cv_tailor goes on.');
    await comesTo(id, 'SUCCEEDED');
    const other = await submit([{ ...search('backend'), risk_level: 'L3' }]);
    await waits(other);
    expect(await cli('pause', String(other), '--reason', 'lunch')).toContain(`Run ${other} is PAUSED.`);
    expect(await cli('resume', String(other))).toContain(`Run ${other} is RUNNING.`);
    expect(await cli('give-up', String(other), '--reason', 'no use')).toContain(`Run ${other} is FAILED.`);
    expect(await cli('cancel', String(other))).toContain('FAILED already');
    expect(await cli('rerun', String(other), '--from', 'search', '--user', '5')).toMatch(new RegExp(`Run \\d+ runs run ${other} again`));
    expect(await cli('parked')).toContain('There are no parked events.');
    expect(await cli('parked', 'replay', '1.4.advance-run')).toContain('has parked no event');
  });

  it('has time until the run starts, and the run until its deadline', async () => {
    const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
    const startAt = inMs(1_500);
    const later = await submit([search('backend')], { start_at: startAt });
    expect((await waits(later)).waiting_for).toMatchObject([{ kind: 'start_time', step_id: null, until: startAt }]);
    await comesTo(later, 'SUCCEEDED');
    const began = (await storedEvents(engine.url, later)).find(({ type }) => type === 'StepStarted')!;
    expect((began.data as { at: string }).at >= startAt).toBe(true);
    const late = await submit([{ ...search('backend'), risk_level: 'L3' }], { deadline: inMs(1_500) });
    expect((await comesTo(late, 'FAILED')).reason).toMatch(/^It was not finished by /);
    expect(await post('/api/workflows', { user_id: 1, plan: { steps: PLAN }, deadline: inMs(-1_000) })).toMatchObject({
      status: 422,
      body: { code: 'deadline.too-early', errors: [{ field: '/deadline' }] },
    });
    expect(await post('/api/workflows', { user_id: 1, plan: { steps: PLAN }, start_at: 'tomorrow' })).toMatchObject({ status: 400 });
  });

  it('is what a stream that is followed until the run waits ends with', async () => {
    const id = await submit(PLAN);
    const text = await (await fetch(`${engine.url}/api/workflows/${id}/stream?until=waiting`)).text();
    expect(text).toMatch(
      /event: step_dead_lettered\n[^]*event: workflow_waiting\ndata: \{"workflow_id":\d+,"waiting_for":\[\{"kind":"dead_letter","step_id":1,/,
    );
    const metrics = await (await fetch(`${engine.url}/metrics`)).text();
    expect(metrics).toMatch(/^lifeos_waiting\{kind="dead_letter"\} [1-9]/m);
    expect(metrics).toMatch(/^lifeos_runs\{state="RUNNING"\} [1-9]/m);
    expect(metrics).toMatch(/^lifeos_append_conflicts_total \d+$/m);
    expect(metrics).toMatch(/^lifeos_step_outcomes_total\{outcome="dead_lettered"\} [1-9]/m);
    expect(await post(`/api/workflows/${id}/cancel`, { user_id: 5 })).toMatchObject({ status: 200, body: { state: 'CANCELLED' } });
    const cancelled = (await storedEvents(engine.url, id)).at(-1);
    expect(cancelled).toMatchObject({ type: 'WorkflowCancelled', data: { cancelledBy: 5 }, metadata: { actor: { id: '5' } } });
    expect(
      (await ask<{ items: { workflow_id: number }[] }>(engine.url, 'GET', '/api/workflows?waiting_for=dead_letter')).body.items.map(
        (one) => one.workflow_id,
      ),
    ).not.toContain(id);
  });
});

describe('a paused run', () => {
  it('starts nothing, over a SIGKILL too, until it is resumed', async () => {
    const dataDir = await preparedFolder();
    let engine = await serveEngine(dataDir);
    const steps = [{ ...search('backend'), risk_level: 'L3' }, tailor];
    const { workflow_id: id } = (await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', { user_id: 1, plan: { steps } }))
      .body;
    const [approval] = await eventually(
      async () => (await ask<{ approval_id: number }[]>(engine.url, 'GET', `/api/approvals/workflow/${id}`)).body,
      (approvals) => approvals.length === 1,
    );
    expect(await ask(engine.url, 'POST', `/api/workflows/${id}/pause`, { user_id: 5, reason: 'lunch' })).toMatchObject({
      body: { state: 'PAUSED' },
    });
    await ask(engine.url, 'POST', `/api/approvals/${approval!.approval_id}/decision`, { decision: 'approve', decided_by: 10 });
    engine.process.kill('SIGKILL');
    await engine.process.exited;
    engine = await serveEngine(dataDir);
    const held = await eventually(
      () => workflow(engine.url, id),
      ({ state, waiting_for: waits }) => state === 'PAUSED' && waits.length === 1,
    );
    expect(held).toMatchObject({ state: 'PAUSED', waiting_for: [{ kind: 'pause', step_id: null, since: expect.any(String) as string }] });
    const listed = await ask<{ items: { workflow_id: number }[] }>(engine.url, 'GET', '/api/workflows?waiting_for=pause');
    expect(listed.body.items.map((one) => one.workflow_id)).toEqual([id]);
    expect((await storedEvents(engine.url, id)).map(({ type }) => type)).not.toContain('StepStarted');
    await ask(engine.url, 'POST', `/api/workflows/${id}/resume`, { user_id: 5 });
    await eventually(
      () => workflow(engine.url, id),
      ({ state }) => state === 'SUCCEEDED',
    );
    await stopEngine(engine);
    await removeFolder(dataDir);
  }, 240_000);
});
