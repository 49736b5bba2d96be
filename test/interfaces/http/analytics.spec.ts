import type { ApprovalFigures, SummaryFigures, ToolFigures } from '../../../src/application/ports/analytics.js';
import { ApplicationError } from '../../../src/application/application.errors.js';
import { GetAnalyticsApprovals } from '../../../src/application/queries/get-analytics-approvals.js';
import { GetAnalyticsSummary } from '../../../src/application/queries/get-analytics-summary.js';
import { GetAnalyticsTools } from '../../../src/application/queries/get-analytics-tools.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const FROM = Date.parse('2026-03-28T23:00:00.000Z');
const TO = Date.parse('2026-03-29T22:00:00.000Z');
const PERIOD = { from: FROM, to: TO, parts: [{ start: FROM, end: TO }] };
const RUNS = { ended: 4, succeeded: 3, failed: 1, cancelled: 0, p50Ms: 120, p95Ms: 900 };
const NOTHING = { ended: 0, succeeded: 0, failed: 0, cancelled: 0, p50Ms: null, p95Ms: null };
const SUMMARY: SummaryFigures = {
  total: RUNS,
  parts: [NOTHING],
  failedRuns: [{ code: '=HYPERLINK("x")', count: 1 }],
  failedAttempts: [{ code: 'a,b', count: 2 }],
};
const TOOLS: readonly ToolFigures[] = [
  {
    ...{ part: 0, tool: '@tool', toolVersion: null, attempts: 3, succeeded: 2, failed: 1, p50Ms: 5, p95Ms: 7 },
    failures: [{ code: 'tool.timed-out', count: 1 }],
  },
];
const APPROVALS: readonly ApprovalFigures[] = [
  {
    ...{
      part: 0,
      tool: 'email_send',
      riskLevel: 'L3',
      requested: 4,
      approved: 1,
      rejected: 1,
      void: 1,
      open: 1,
      p50Ms: 1_000,
      p95Ms: 2_000,
    },
    deciders: [{ decidedBy: 7, approved: 1, rejected: 1 }],
  },
];

let app: ScriptedApp;
beforeAll(async () => {
  app = await startScriptedApp();
});
afterAll(() => app.app.close());
beforeEach(() => {
  app.asked.length = 0;
  app.answer((message) => ({
    ...PERIOD,
    figures: message instanceof GetAnalyticsSummary ? SUMMARY : message instanceof GetAnalyticsTools ? TOOLS : APPROVALS,
  }));
});

const ask = (path: string, accept = '*/*') => fetch(`${app.url}/api/analytics/${path}`, { headers: { accept } });

describe('the API of figures', () => {
  it('hands on what is asked', async () => {
    await ask(
      'summary?from=2026-03-29T00:00:00%2B01:00&to=2026-03-30T00:00:00 02:00&bucket=hour&time_zone=Europe/Berlin&user_id=7&min_position=12',
    );
    await ask('tools');
    await ask('approvals?bucket=week');
    expect(app.asked).toEqual([
      new GetAnalyticsSummary({ from: FROM, to: TO, bucket: 'hour', timeZone: 'Europe/Berlin', userId: 7, minPosition: 12n }),
      new GetAnalyticsTools({ timeZone: 'UTC' }),
      new GetAnalyticsApprovals({ timeZone: 'UTC', bucket: 'week' }),
    ]);
  });

  it('divides a summary into days where nobody says otherwise', async () => {
    await ask('summary');
    expect(app.asked).toEqual([new GetAnalyticsSummary({ timeZone: 'UTC', bucket: 'day' })]);
  });

  it('answers in JSON, with rates', async () => {
    const response = await ask('summary');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const none = { ended: 0, succeeded: 0, failed: 0, cancelled: 0, success_rate: null, p50_ms: null, p95_ms: null };
    const start = '2026-03-28T23:00:00.000Z';
    const end = '2026-03-29T22:00:00.000Z';
    expect(await response.json()).toEqual({
      from: start,
      to: end,
      runs: { ended: 4, succeeded: 3, failed: 1, cancelled: 0, success_rate: 0.75, p50_ms: 120, p95_ms: 900 },
      buckets: [{ start, end, ...none }],
      failed_runs_by_code: [{ code: '=HYPERLINK("x")', count: 1 }],
      failed_attempts_by_code: [{ code: 'a,b', count: 2 }],
    });
    expect(await (await ask('tools')).json()).toMatchObject({ items: [{ tool: '@tool', tool_version: null, attempts_per_success: 1.5 }] });
    expect(await (await ask('approvals')).json()).toMatchObject({
      items: [{ risk_level: 'L3', open: 1, by_decider: [{ decided_by: 7, approved: 1, rejected: 1 }] }],
    });
  });

  it.each([
    ['summary?format=csv', '*/*'],
    ['summary', 'text/csv'],
  ])('answers %s for %s with the same numbers as a table in which nothing is computed', async (path, accept) => {
    const response = await ask(path, accept);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const period = '2026-03-28T23:00:00.000Z,2026-03-29T22:00:00.000Z';
    expect((await response.text()).split('\r\n')).toEqual([
      'row,start,end,ended,succeeded,failed,cancelled,success_rate,p50_ms,p95_ms,code,count',
      `runs,${period},4,3,1,0,0.75,120,900,,`,
      `bucket,${period},0,0,0,0,,,,,`,
      `failed_runs_by_code,${period},,,,,,,,"'=HYPERLINK(""x"")",1`,
      `failed_attempts_by_code,${period},,,,,,,,"a,b",2`,
      '',
    ]);
  });

  it('has tables of tools and approvals', async () => {
    const period = '2026-03-28T23:00:00.000Z,2026-03-29T22:00:00.000Z';
    expect((await (await ask('tools', 'text/csv')).text()).split('\r\n')).toEqual([
      'row,start,end,tool,tool_version,attempts,succeeded,failed,success_rate,p50_ms,p95_ms,attempts_per_success,code,count',
      `tool,${period},'@tool,,3,2,1,${2 / 3},5,7,1.5,,`,
      `failures_by_code,${period},'@tool,,,,,,,,,tool.timed-out,1`,
      '',
    ]);
    expect((await (await ask('approvals', 'text/csv')).text()).split('\r\n')).toEqual([
      'row,start,end,risk_level,tool,requested,approved,rejected,void,open,p50_ms,p95_ms,decided_by',
      `approvals,${period},L3,email_send,4,1,1,1,1,1000,2000,`,
      `by_decider,${period},L3,email_send,,1,1,,,,,7`,
      '',
    ]);
  });

  it.each(['=1+1', '+1', '-1', '@x', '\tx', '\rx'])('never begins a field with the formula %j', async (tool) => {
    app.answer(() => ({ ...PERIOD, figures: [{ ...TOOLS[0], tool, failures: [] }] }));
    expect(await (await ask('tools?format=csv')).text()).toMatch(/,"?'[=+\-@\t\r]/);
  });

  it.each([
    'summary?from=yesterday',
    'summary?to=2026-03-29',
    'tools?bucket=month',
    'tools?time_zone=Berlin',
    'approvals?user_id=0',
    'approvals?format=xml',
    'summary?form=csv',
  ])('refuses %s', async (path) => {
    const response = await ask(path, 'text/csv');
    expect([response.status, response.headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
    expect(await response.json()).toMatchObject({ code: 'request.invalid' });
  });

  it('says what is wrong with a period', async () => {
    app.answer(() => {
      throw new ApplicationError('analytics.invalid-period', 'ask for a shorter period');
    });
    const response = await ask('summary');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'analytics.invalid-period', detail: 'ask for a shorter period' });
  });
});
