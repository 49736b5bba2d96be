import { GetWorkflowState } from '../../../src/application/queries/get-workflow-state.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

describe('parameters of questions', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());
  beforeEach(() => {
    http.asked.length = 0;
  });

  it.each([
    ['/api/workflows/abc', '/id'],
    ['/api/workflows/0', '/id'],
    ['/api/workflows/-1', '/id'],
    ['/api/workflows/1.0', '/id'],
    ['/api/workflows/9007199254740992', '/id'],
    ['/api/workflows/1e3', '/id'],
    ['/api/approvals/workflow/x', '/id'],
    ['/api/workflows?limit=0', '/limit'],
    ['/api/workflows?limit=501', '/limit'],
    ['/api/workflows?limit=', '/limit'],
    ['/api/workflows?state=running', '/state'],
    ['/api/workflows?usr_id=1', '/usr_id'],
    ['/api/workflows?user_id=1&user_id=1', '/user_id'],
    ['/api/workflows?min_position=x', '/min_position'],
    ['/api/workflows?min_position=9223372036854775808', '/min_position'],
    ['/api/workflows?q=%00', '/q'],
    ['/api/workflows/7/timeline?limit=10001', '/limit'],
    ['/api/workflows/7/timeline?after=-1', '/after'],
    ['/api/workflows/7/events?limit=1001', '/limit'],
    ['/api/workflows/7/events?from=x', '/from'],
    ['/api/workflows/7/state?revision=1&at=2026-02-14T10:30:01Z', '/at'],
    ['/api/workflows/7/state?at=yesterday', '/at'],
    ['/api/workflows/7/state?at=2026-02-30T10:30:01Z', '/at'],
    ['/api/approvals?status=open', '/status'],
    ['/api/tools?x=1', '/x'],
  ])('refuses %s', async (path, field) => {
    const { status, headers, body } = await send(`${http.url}${path}`);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ code: 'request.invalid', instance: path.split('?')[0], errors: [{ field }] });
    expect(http.asked).toEqual([]);
  });

  it.each([
    ['2026-03-01T10:00:00+01:00', '2026-03-01T10:00:00+01:00'],
    ['2026-03-01T10:00:00%2B01:00', '2026-03-01T10:00:00+01:00'],
    ['2026-03-01T10:00:00%2001:00', '2026-03-01T10:00:00+01:00'],
    ['2026-03-01T10:00:00.123+05:30', '2026-03-01T10:00:00.123+05:30'],
    ['2026-03-01T10:00:00-01:00', '2026-03-01T10:00:00-01:00'],
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
  ])('takes the time %s for %s', async (written, at) => {
    http.answer(() => ({}));
    expect(await send(`${http.url}/api/workflows/7/state?at=${written}`)).toMatchObject({ status: 200 });
    expect(http.asked).toEqual([new GetWorkflowState({ workflowId: 7, at })]);
  });

  it.each([
    '2026-03-01+10:00:00Z',
    '2026-03-01+10:00',
    '2026-03-01T10:00+01:00',
    '2026-03-01T10:00:00++01:00',
    '2026-03-01T10:00:00+%2B01:00',
    '2026-03-01T10:00:00+',
    '2026-03-01T10:00:00+0100',
    '2026-03-01T10:00:00+25:00',
    '2026-03-01T10:00:00Z+01:00',
    '+2026-03-01T10:00:00+01:00',
    '2026-03-01T10:00:00+01:00+',
    '2026-03-01T10:00:00%0A01:00',
    '2026-03-01T10:00:00%C2%A001:00',
    '2026-03-01T10:00:00',
    '',
  ])('refuses the time "%s", and says how a "+" is written', async (written) => {
    const { status, body } = await send(`${http.url}/api/workflows/7/state?at=${written}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ field: '/at', message: expect.stringContaining('%2B') as string }] });
    expect(http.asked).toEqual([]);
  });
});
