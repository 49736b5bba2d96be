import { DecideApproval, type DecidedApproval } from '../../../src/application/workflow/decide-approval.command.js';
import { decidedSchema } from '../../../src/interfaces/http/approvals/approval.responses.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const AT = '2026-02-14T10:30:01.000Z';
const FIRST: DecidedApproval = {
  approvalId: 3,
  workflowId: 7,
  status: 'approved',
  decidedBy: 10,
  decidedAt: AT,
  reason: null,
  alreadyDecided: false,
  position: 5n,
};

describe('deciding over HTTP', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());
  beforeEach(() => {
    http.asked.length = 0;
  });

  it('takes decisions', async () => {
    const url = `${http.url}/api/approvals/3/decision`;
    http.answer(() => FIRST);
    const { status, body } = await send(url, { json: { decision: 'approve', decided_by: 10 } });
    expect(status).toBe(200);
    expect(body).toEqual({
      approval_id: 3,
      status: 'approved',
      decided_by: 10,
      decided_at: AT,
      reason: null,
      already_decided: false,
      position: '5',
    });
    decidedSchema.parse(body);
    await send(url, { json: { decision: 'reject', decided_by: 11, reason: 'Too risky', args_hash: 'abc' } });
    const actor = (id: string) => ({ kind: 'user', id, authenticated: false }) as const;
    expect(http.asked).toEqual([
      new DecideApproval({ approvalId: 3, verdict: 'approve', decidedBy: 10, actor: actor('10') }),
      new DecideApproval({ approvalId: 3, verdict: 'reject', decidedBy: 11, reason: 'Too risky', argsHash: 'abc', actor: actor('11') }),
    ]);
    for (const asked of http.asked) expect(asked).toBeInstanceOf(DecideApproval);
  });

  it('says of a repeat that it was decided before, by whom, when and why', async () => {
    http.answer(() => ({ ...FIRST, reason: 'Looks right', alreadyDecided: true }));
    const json = { decision: 'approve', decided_by: 11, reason: 'Looks good' };
    const { status, body } = await send(`${http.url}/api/approvals/3/decision`, { json });
    expect(status).toBe(200);
    expect(body).toMatchObject({ decided_by: 10, decided_at: AT, reason: 'Looks right', already_decided: true });
    decidedSchema.parse(body);
  });

  it.each([
    [{ decision: 'maybe', decided_by: 10 }, '/decision', 'must be approve or reject'],
    [{ decision: 'approve' }, '/decided_by', 'is required'],
    [{ decision: 'approve', decided_by: 'me' }, '/decided_by', 'must be a number'],
    [{ decision: 'approve', decided_by: 10, hash: 'x' }, '/hash', 'is not known here'],
    [{ decision: 'reject', decided_by: 10, reason: 'x'.repeat(2_001) }, '/reason', 'must be at most 2000 characters long'],
  ])('refuses the decision %j', async (json, field, message) => {
    const { status, body } = await send(`${http.url}/api/approvals/3/decision`, { json });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', errors: [{ field, message }] });
  });
});
