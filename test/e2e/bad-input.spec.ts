import { engineForTests } from './support/engine-process.js';
import { ask, eventually, finished, storedEvents, workflow, type ApprovalDto } from './support/http.js';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

describe('bad input', () => {
  const engine = engineForTests();

  const grocery = (key: string, more: object = {}): object => ({ key, tool: 'grocery_plan', args: { people: 1, days: 1 }, ...more });
  const plan = (...steps: object[]): object => ({ user_id: 1, plan: { steps } });
  const newId = async (): Promise<number> =>
    (await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', { user_id: 1, intent: 'create a grocery list' })).body
      .workflow_id;

  const refused: readonly (readonly [name: string, method: string, path: string, body: unknown, status: number, code: string])[] = [
    ['an unknown run', 'GET', '/api/workflows/999999', undefined, 404, 'workflow.not-found'],
    ["an unknown run's timeline", 'GET', '/api/workflows/999999/timeline', undefined, 404, 'workflow.not-found'],
    ["an unknown run's stream", 'GET', '/api/workflows/999999/stream', undefined, 404, 'workflow.not-found'],
    ["an unknown run's events", 'GET', '/api/workflows/999999/events', undefined, 404, 'workflow.not-found'],
    ["an unknown run's approvals", 'GET', '/api/approvals/workflow/999999', undefined, 404, 'workflow.not-found'],
    ['cancelling an unknown run', 'POST', '/api/workflows/999999/cancel', {}, 404, 'workflow.not-found'],
    ['an unknown approval', 'GET', '/api/approvals/999999', undefined, 404, 'approval.not-found'],
    ['an approval whose id is none', 'GET', '/api/approvals/workflow', undefined, 400, 'request.invalid'],
    [
      'a decision about an unknown approval',
      'POST',
      '/api/approvals/999999/decision',
      { decision: 'approve', decided_by: 1 },
      404,
      'approval.not-found',
    ],
    ['an id that is no number', 'GET', '/api/workflows/abc', undefined, 400, 'request.invalid'],
    ['a decision that is neither', 'POST', '/api/approvals/1/decision', { decision: 'perhaps', decided_by: 1 }, 400, 'request.invalid'],
    ['an empty intent', 'POST', '/api/workflows/submit?user_id=1&intent=%20', undefined, 422, 'intent.empty'],
    ['an absurdly long intent', 'POST', '/api/workflows/submit', { user_id: 1, intent: 'a'.repeat(2_001) }, 422, 'intent.too-long'],
    ['an oversized body', 'POST', '/api/workflows/submit', { user_id: 1, intent: 'a'.repeat(100_000) }, 413, 'request.too-large'],
    ['malformed JSON', 'POST', '/api/workflows', '{"user_id": 1,', 400, 'request.malformed-json'],
    ['a plan without steps', 'POST', '/api/workflows', plan(), 422, 'plan.empty'],
    [
      'a cyclic plan',
      'POST',
      '/api/workflows',
      plan(grocery('a', { depends_on: ['b'] }), grocery('b', { depends_on: ['a'] })),
      422,
      'plan.cycle',
    ],
    ['a dangling dependency', 'POST', '/api/workflows', plan(grocery('a', { depends_on: ['nowhere'] })), 422, 'plan.dangling-dependency'],
    ['a duplicate key', 'POST', '/api/workflows', plan(grocery('a'), grocery('a')), 422, 'plan.duplicate-key'],
    ['an unknown tool', 'POST', '/api/workflows', plan(grocery('a', { tool: 'rm_rf' })), 422, 'plan.unknown-tool'],
    [
      'arguments the tool does not take',
      'POST',
      '/api/workflows',
      plan(grocery('a', { args: { people: 'many', days: 1 } })),
      422,
      'plan.invalid-args',
    ],
    [
      'a reference into an output that has no such place',
      'POST',
      '/api/workflows',
      plan(grocery('a'), grocery('b', { args: { people: { $from: 'a', path: '/no/such/place' }, days: 1 } })),
      422,
      'plan.invalid-reference',
    ],
    [
      'a plan of 10,001 steps',
      'POST',
      '/api/workflows',
      plan(...Array.from({ length: 10_001 }, (_, index) => grocery(`s${index}`))),
      422,
      'plan.too-large',
    ],
    ['an unknown route', 'GET', '/api/nothing', undefined, 404, 'route.not-found'],
    ['a cursor of nobody', 'GET', '/api/workflows?cursor=AAAA', undefined, 400, 'cursor.invalid'],
  ];

  it.each(refused)('answers %s with a problem of its own', async (_name, method, path, body, status, code) => {
    const answer = await ask<Problem>(engine.url, method, path, body);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(answer.body.detail.length).toBeGreaterThan(10);
  });

  it('refuses a Last-Event-ID that is no revision', async () => {
    const answer = await ask(engine.url, 'GET', `/api/workflows/${await newId()}/stream`, undefined, { 'Last-Event-ID': 'yesterday' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid-last-event-id' } });
  });

  it('refuses a decision over other arguments than those shown', async () => {
    const { body } = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', {
      user_id: 1,
      intent: 'apply to 1 backend job',
    });
    const approvals = await eventually(
      () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${body.workflow_id}`),
      (answer) => answer.body.length === 1,
    );
    const stale = { decision: 'approve', decided_by: 10, args_hash: '0'.repeat(64) };
    expect(await ask(engine.url, 'POST', `/api/approvals/${approvals.body[0]!.approval_id}/decision`, stale)).toMatchObject({
      status: 409,
      body: { code: 'approval.stale-arguments' },
    });
    expect((await workflow(engine.url, body.workflow_id)).steps.at(-1)!.state).toBe('BLOCKED');
  });

  it('fails the attempt of a tool that gives up, and shows the step as a dead letter', async () => {
    const steps = [{ key: 'search', tool: 'job_search', args: { query: 'underwater basket weaving' } }];
    const { body } = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', plan(...steps));
    const { body: letters } = await eventually(
      () => ask<{ items: { workflow_id: number; error: { message: string } }[] }>(engine.url, 'GET', '/api/dead-letters'),
      (answer) => answer.body.items.some((letter) => letter.workflow_id === body.workflow_id),
    );
    const letter = letters.items.find(({ workflow_id: id }) => id === body.workflow_id)!;
    expect(letter.error.message.length).toBeGreaterThan(10);
    expect((await workflow(engine.url, body.workflow_id)).state).toBe('RUNNING');
  });

  it('is refused without a trace, and the engine lives', async () => {
    const before = await newId();
    for (const [, method, path, body] of refused) await ask(engine.url, method, path, body);
    const id = await newId();
    // Ids of runs are consecutive: none of the refused requests took one.
    expect(id).toBe(before + 1);
    expect((await finished(engine.url, id)).state).toBe('SUCCEEDED');
    expect((await storedEvents(engine.url, id))[0]!.type).toBe('WorkflowSubmitted');
    expect(await ask(engine.url, 'GET', '/health/ready')).toMatchObject({ status: 200 });
  });
});
