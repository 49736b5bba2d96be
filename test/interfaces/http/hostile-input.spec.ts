import fc from 'fast-check';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const PATHS = ['/api/workflows', '/api/plans/simulate', '/api/workflows/submit', '/api/workflows/1/cancel', '/api/approvals/1/decision'];
const READS = [
  '/api/workflows',
  '/api/workflows/1',
  '/api/workflows/1/timeline',
  '/api/workflows/1/events',
  '/api/workflows/1/state',
  '/api/workflows/1/stream',
  '/api/approvals',
  '/api/approvals/workflow/1',
  '/api/dead-letters',
  '/api/tools',
];
const MEMBERS = [
  ...['user_id', 'intent', 'require_approval_from', 'plan', 'steps', 'key', 'name', 'tool', 'args', 'depends_on', 'risk_level', 'decision'],
  ...[
    'decided_by',
    'reason',
    'args_hash',
    'cancelled_by',
    '__proto__',
    'constructor',
    'toString',
    'limit',
    'cursor',
    'after',
    'from',
    'at',
  ],
  ...['revision', 'min_position', 'last_event_id', 'q', 'state', 'status', ''],
];

const odd = fc.constantFrom(0, -0, -1, 1.5, 1, 2 ** 53, 'L2', 'approve', '', '\0', '\ud800', '1e999', ' ', '\u202e', null, true);
const member = fc.oneof(fc.constantFrom(...MEMBERS), fc.string({ unit: 'binary' }));
const { value: nonsense } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    odd,
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(member, tie('value')), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const plan = fc.record({ user_id: fc.constant(1), plan: fc.record({ steps: fc.array(nonsense, { maxLength: 4 }) }) });
const body = fc.oneof(
  fc.oneof(nonsense, plan).map((value) => JSON.stringify(value) ?? ''),
  fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.constantFrom('[', '{"a":', '[[{"x":')).map(([depth, open]) => open.repeat(depth)),
  fc.integer({ min: 1, max: 30_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.string(),
  fc.integer({ min: 1, max: 200_000 }).map((length) => JSON.stringify({ intent: 'x'.repeat(length) })),
);
const query = fc
  .array(fc.tuple(member, fc.oneof(fc.string(), fc.constantFrom('1', '-1', '%', '%00', '1&1', 'L2', '99999999999999999999', '1e3'))), {
    maxLength: 4,
  })
  .map((pairs) =>
    pairs.map(([name, value]) => `${encodeURIComponent(name.replace(/\p{Surrogate}/gu, ''))}=${value.replace(/[#\s]/g, '')}`).join('&'),
  );

describe('nonsense over HTTP', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
    // Whatever passes the edge is answered like something that does not exist.
    http.answer(() => {
      throw new DomainError('workflow.not-found', 'There is no such thing.');
    });
  });
  afterAll(() => http.close());

  const isOwnAnswer = async (path: string, method: string, raw?: string): Promise<void> => {
    const answer = await send(`${http.url}${path}`, {
      method,
      ...(raw === undefined ? {} : { raw, headers: { 'Content-Type': 'application/json' } }),
    });
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status: answer.status, code: expect.any(String) as unknown });
  };

  it('is refused in bodies, and never breaks anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), body, (path, raw) => isOwnAnswer(path, 'POST', raw)),
      { numRuns: 250 },
    );
    expect({}).not.toHaveProperty('polluted');
  });

  it('is refused in addresses, and never breaks anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...READS), query, (path, parameters) => isOwnAnswer(`${path}?${parameters}`, 'GET')),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(query, (parameters) => isOwnAnswer(`/api/workflows/submit?${parameters}`, 'POST')),
      { numRuns: 100 },
    );
  });

  it('lives on', async () => {
    expect(await send(`${http.url}/health/live`)).toMatchObject({ status: 200 });
    expect(http.log).toEqual([]);
  });
});
