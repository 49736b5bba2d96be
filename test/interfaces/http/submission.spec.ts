import { SubmitIntent } from '../../../src/application/workflow/submit-intent.command.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

describe('submitting over HTTP', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());
  beforeEach(() => {
    http.asked.length = 0;
    http.answer(() => ({ workflowId: 7, state: 'PLANNING', intent: 'create a grocery list', position: 12345678901234567890n }));
  });

  const submission = (): unknown => (http.asked[0] as SubmitIntent).submission;
  const actor = { kind: 'user', id: '1', authenticated: false };

  it('takes the quick start’s request as it stands', async () => {
    const { status, headers, body } = await send(`${http.url}/api/workflows/submit?user_id=1&intent=Apply%20to%202%20backend%20jobs...`, {
      method: 'POST',
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe('/api/workflows/7');
    expect(body).toEqual({ workflow_id: 7, state: 'PLANNING', intent: 'create a grocery list', position: '12345678901234567890' });
    expect(http.asked[0]).toBeInstanceOf(SubmitIntent);
    expect(submission()).toEqual({ userId: 1, intent: 'Apply to 2 backend jobs...', actor });
  });

  it('takes the same parameters as JSON, with an idempotency key', async () => {
    const { status } = await send(`${http.url}/api/workflows/submit`, {
      json: { user_id: 1, intent: 'x', require_approval_from: 'L2', priority: 'high' },
      headers: { 'Idempotency-Key': 'key-1' },
    });
    expect(status).toBe(201);
    expect(submission()).toEqual({ userId: 1, intent: 'x', approvalFrom: 'L2', priority: 'high', idempotencyKey: 'key-1', actor });
  });

  it('takes parameters from both places where they agree, and refuses them where they contradict each other', async () => {
    const url = `${http.url}/api/workflows/submit?user_id=1&intent=x`;
    expect((await send(url, { json: { user_id: 1, require_approval_from: 'L3' } })).status).toBe(201);
    const { status, body } = await send(url, { json: { user_id: 2, intent: 'y' } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ field: '/user_id' }, { field: '/intent' }] });
  });

  it.each([
    ['no user', '?intent=x', '/user_id', 'is required'],
    ['no intent', '?user_id=1', '/intent', 'is required'],
    ['a user that is no number', '?user_id=abc&intent=x', '/user_id', 'must be a whole number from 1 to 9007199254740991'],
    ['a user beyond what a number can hold', '?user_id=9007199254740992&intent=x', '/user_id', expect.stringContaining('whole number')],
    ['user 0', '?user_id=0&intent=x', '/user_id', expect.stringContaining('whole number')],
    ['two users', '?user_id=1&user_id=2&intent=x', '/user_id', 'must be given once'],
    ['two intents', '?user_id=1&intent=x&intent=y', '/intent', 'must be given once'],
    ['a misspelt parameter', '?user_id=1&intent=x&require_aproval_from=L2', '/require_aproval_from', 'is not known here'],
    ['an unknown priority', '?user_id=1&intent=x&priority=urgent', '/priority', 'must be high or normal or low'],
    ['an unknown level', '?user_id=1&intent=x&require_approval_from=L0', '/require_approval_from', 'must be L2 or L3'],
    ['a character that PostgreSQL cannot keep', '?user_id=1&intent=x%00y', '/intent', expect.stringContaining('U+0000')],
  ])('refuses %s', async (_name, query, field, message) => {
    const { status, body } = await send(`${http.url}/api/workflows/submit${query}`, { method: 'POST' });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ field, message: message as unknown }] });
    expect(http.asked).toEqual([]);
  });

  it.each([
    ['a user in digits', { user_id: '1', intent: 'x' }, '/user_id'],
    ['half a user', { user_id: 1.5, intent: 'x' }, '/user_id'],
    ['an intent that is no text', { user_id: 1, intent: ['x'] }, '/intent'],
    ['an unknown member', { user_id: 1, intent: 'x', intend: 'y' }, '/intend'],
    ['an array', [], ''],
    ['null', null, ''],
    ['a number', 5, ''],
    ['U+0000', { user_id: 1, intent: 'a\0b' }, '/intent'],
    ['half a surrogate pair', { user_id: 1, intent: 'a\ud800' }, '/intent'],
  ])('refuses a body with %s', async (_name, json, field) => {
    const { status, body } = await send(`${http.url}/api/workflows/submit`, { json });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ field }] });
    expect(http.asked).toEqual([]);
  });

  it.each(['', 'a b', 'x'.repeat(256), 'kéy'])('refuses the idempotency key %j', async (key) => {
    const { status, body } = await send(`${http.url}/api/workflows/submit?user_id=1&intent=x`, {
      method: 'POST',
      headers: { 'Idempotency-Key': key },
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ field: 'Idempotency-Key' }] });
  });

  it('lets the intent’s own rules to the domain, also for an intent that is far too long', async () => {
    for (const intent of ['', ' \t ', 'ü'.repeat(2_001), 'x'.repeat(20_000)]) {
      const { status } = await send(`${http.url}/api/workflows/submit?user_id=1&intent=${encodeURIComponent(intent)}`, { method: 'POST' });
      expect(status).toBe(201);
      expect(submission()).toMatchObject({ intent });
      http.asked.length = 0;
    }
  });

  it('takes an explicit plan and fills in what it leaves out', async () => {
    const steps = [
      { key: 'search', tool: 'job_search' },
      {
        key: 'tailor',
        name: 'Tailor',
        tool: 'cv_tailor',
        args: { job: { $from: 'search', path: '/jobs/0' } },
        depends_on: ['search'],
        risk_level: 'L2',
      },
    ];
    const { status } = await send(`${http.url}/api/workflows`, { json: { user_id: 1, plan: { steps } } });
    expect(status).toBe(201);
    expect(submission()).toEqual({
      userId: 1,
      actor,
      plan: {
        steps: [
          { key: 'search', name: 'search', tool: 'job_search', args: {}, dependsOn: [] },
          { key: 'tailor', name: 'Tailor', tool: 'cv_tailor', args: steps[1]!.args, dependsOn: ['search'], riskLevel: 'L2' },
        ],
      },
    });
  });

  it('takes a plan that is far larger than other bodies may be, and leaves its size to the domain', async () => {
    const steps = Array.from({ length: 10_001 }, (_, index) => ({
      key: `step-${index}`,
      tool: 'job_search',
      args: { query: 'x'.repeat(100) },
    }));
    const { status } = await send(`${http.url}/api/workflows`, { json: { user_id: 1, intent: 'many', plan: { steps } } });
    expect(status).toBe(201);
    expect(submission()).toMatchObject({ intent: 'many', plan: { steps: { length: 10_001 } } });
  });

  it.each([
    ['nothing', undefined, ''],
    ['no steps', { user_id: 1, plan: {} }, '/plan/steps'],
    ['a step without a tool', { user_id: 1, plan: { steps: [{ key: 'a' }] } }, '/plan/steps/0/tool'],
    ['a typo in a step', { user_id: 1, plan: { steps: [{ key: 'a', tool: 't', dependson: ['b'] }] } }, '/plan/steps/0/dependson'],
    ['arguments that are no object', { user_id: 1, plan: { steps: [{ key: 'a', tool: 't', args: [] }] } }, '/plan/steps/0/args'],
    ['an unknown risk level', { user_id: 1, plan: { steps: [{ key: 'a', tool: 't', risk_level: 'L9' }] } }, '/plan/steps/0/risk_level'],
    ['an empty key', { user_id: 1, plan: { steps: [{ key: '', tool: 't' }] } }, '/plan/steps/0/key'],
  ])('refuses a plan with %s', async (_name, json, field) => {
    const { status, body } = await send(`${http.url}/api/workflows`, { method: 'POST', ...(json === undefined ? {} : { json }) });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ field }] });
    expect(http.asked).toEqual([]);
  });

  it('keeps its answer short where everything is wrong', async () => {
    const steps = Array.from({ length: 5_000 }, () => ({}));
    const { body } = await send(`${http.url}/api/workflows`, { json: { user_id: 1, plan: { steps } } });
    expect(body).toMatchObject({ code: 'request.invalid', errors: { length: 20 } });
  });

  it('cancels with and without a body', async () => {
    http.answer(() => ({ workflowId: 7, state: 'CANCELLED', position: 9n }));
    const url = `${http.url}/api/workflows/7/cancel`;
    expect(await send(url, { method: 'POST' })).toMatchObject({ status: 200, body: { workflow_id: 7, state: 'CANCELLED', position: '9' } });
    await send(url, { json: { reason: 'no more', cancelled_by: 3 } });
    await send(url, { json: { user_id: 4 } });
    expect((http.asked as CancelWorkflow[]).map(({ act }) => act)).toEqual([
      { workflowId: 7, actor: { kind: 'user', id: 'anonymous', authenticated: false } },
      { workflowId: 7, reason: 'no more', decidedBy: 3, actor: { kind: 'user', id: '3', authenticated: false } },
      { workflowId: 7, decidedBy: 4, actor: { kind: 'user', id: '4', authenticated: false } },
    ]);
  });
});
