import { GetSchedule } from '../../../src/application/queries/get-schedule.js';
import { ListSchedules } from '../../../src/application/queries/list-schedules.js';
import { ListWorkflows } from '../../../src/application/queries/list-workflows.js';
import type { ScheduleWithNext } from '../../../src/application/schedules/next-occurrences.js';
import { CreateSchedule } from '../../../src/application/schedules/create-schedule.command.js';
import { DeleteSchedule } from '../../../src/application/schedules/delete-schedule.command.js';
import { PauseSchedule } from '../../../src/application/schedules/pause-schedule.command.js';
import { ResumeSchedule } from '../../../src/application/schedules/resume-schedule.command.js';
import { TriggerSchedule } from '../../../src/application/schedules/trigger-schedule.command.js';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const AT = '2026-01-05T08:00:00.000Z';
const VIEW: ScheduleWithNext = {
  scheduleId: 3,
  userId: 7,
  intent: 'an intent',
  cron: '@daily',
  timeZone: 'Europe/Berlin',
  overlap: 'skip',
  catchUp: 'last',
  endsAt: null,
  state: 'active',
  createdAt: AT,
  activeSince: AT,
  lastScheduledFor: AT,
  lastWorkflowId: 5,
  lastOccurrenceId: 5,
  skippedUpTo: null,
  skipped: 2,
  nextAt: AT,
};
const CHANGED = { scheduleId: 3, state: 'active', nextAt: AT, position: 4711n };
const USER = { kind: 'user', id: '7', authenticated: false };

let app: ScriptedApp;
beforeAll(async () => {
  app = await startScriptedApp();
});
afterAll(() => app.app.close());
beforeEach(() => app.answer(() => CHANGED));

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.url}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, location: response.headers.get('location'), body: (await response.json()) as Record<string, unknown> };
}

describe('the API of schedules', () => {
  it('creates one, with all that can be said of it', async () => {
    const answer = await ask(
      'POST',
      '/api/schedules',
      {
        ...{ user_id: 7, plan: { steps: [{ key: 'a', tool: 'echo' }] }, cron: '@daily', time_zone: 'Europe/Berlin', overlap: 'allow' },
        ...{ catch_up: 'none', ends_at: '2027-01-01T00:00:00+01:00', require_approval_from: 'L2', on_failure: 'fail', priority: 'low' },
      },
      { 'Idempotency-Key': 'once' },
    );
    expect(answer).toMatchObject({ status: 201, location: '/api/schedules/3' });
    expect(answer.body).toEqual({ schedule_id: 3, state: 'active', next_at: AT, position: '4711' });
    expect(app.asked.at(-1)).toEqual(
      new CreateSchedule({
        ...{ userId: 7, actor: USER as never, cron: '@daily', timeZone: 'Europe/Berlin', overlap: 'allow', catchUp: 'none' },
        ...{ endsAt: '2027-01-01T00:00:00+01:00', approvalFrom: 'L2', onFailure: 'fail', priority: 'low', idempotencyKey: 'once' },
        plan: { steps: [{ key: 'a', name: 'a', tool: 'echo', args: {}, dependsOn: [] }] },
      }),
    );
  });

  it.each([
    [{ user_id: 7, cron: '@daily' }, '/intent'],
    [{ user_id: 7, intent: 'x' }, '/cron'],
    [{ user_id: 7, intent: 'x', cron: '@daily', time_zone: 'Mars/Base' }, '/time_zone'],
    [{ user_id: 7, intent: 'x', cron: '@daily', overlap: 'queue' }, '/overlap'],
  ])('refuses %j', async (body, field) => {
    const answer = await ask('POST', '/api/schedules', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid', errors: [{ field }] } });
  });

  it('names the cron expression that the domain refuses', async () => {
    app.answer(() => {
      throw new DomainError('schedule.invalid-cron', 'The cron expression is none: it has 6 fields.', ['cron']);
    });
    const answer = await ask('POST', '/api/schedules', { user_id: 7, intent: 'x', cron: '* * * * * *' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'schedule.invalid-cron', errors: [{ field: '/cron' }] } });
  });

  it.each([
    ['POST', '/api/schedules/3/pause', PauseSchedule],
    ['POST', '/api/schedules/3/resume', ResumeSchedule],
    ['DELETE', '/api/schedules/3', DeleteSchedule],
  ] as const)('%s %s', async (method, path, Act) => {
    const answer = await ask(method, path, { user_id: 7, reason: 'holidays' });
    expect(answer).toMatchObject({ status: 200, body: { schedule_id: 3 } });
    expect(app.asked.at(-1)).toEqual(new Act({ scheduleId: 3, actor: USER as never, decidedBy: 7, reason: 'holidays' }));
  });

  it('runs one now, once for a key', async () => {
    app.answer(() => ({ workflowId: 9, state: 'PLANNING', intent: 'an intent', position: 12n }));
    const answer = await ask('POST', '/api/schedules/3/trigger', { user_id: 7 }, { 'Idempotency-Key': 'once' });
    expect(answer).toMatchObject({ status: 201, location: '/api/workflows/9', body: { workflow_id: 9, position: '12' } });
    expect(app.asked.at(-1)).toEqual(new TriggerSchedule({ scheduleId: 3, actor: USER as never, idempotencyKey: 'once' }));
  });

  it('shows one, and lists them by person and state', async () => {
    const { userId, intent, cron, timeZone, overlap, catchUp } = VIEW;
    const plan = { steps: [{ key: 'a', name: 'A', tool: 'echo', args: { text: 'x' }, dependsOn: [], riskLevel: 'L2' }] };
    const definition = { userId, intent, cron, timeZone, overlap, catchUp, onFailure: 'fail', plan };
    app.answer(() => ({ ...VIEW, definition }));
    const one = await ask('GET', '/api/schedules/3');
    expect(one.body).toMatchObject({
      schedule_id: 3,
      next_at: AT,
      last_workflow_id: 5,
      last_scheduled_for: AT,
      skipped: 2,
      state: 'active',
      on_failure: 'fail',
      priority: null,
      require_approval_from: null,
      plan: { steps: [{ key: 'a', name: 'A', tool: 'echo', args: { text: 'x' }, depends_on: [], risk_level: 'L2' }] },
    });
    expect(app.asked.at(-1)).toEqual(new GetSchedule({ scheduleId: 3 }));
    app.answer(() => ({ items: [VIEW], nextCursor: 'more' }));
    const page = await ask('GET', '/api/schedules?user_id=7&state=active&limit=5&cursor=abc');
    const { plan: _plan, on_failure: _policy, priority: _priority, require_approval_from: _from, ...summary } = one.body;
    expect(page.body).toEqual({ items: [summary], next_cursor: 'more' });
    const asked = { filter: { userId: 7, state: 'active' }, page: { limit: 5, cursor: 'abc' } } as const;
    expect(app.asked.at(-1)).toEqual(new ListSchedules(asked));
  });

  it('finds the runs of one', async () => {
    app.answer(() => ({ items: [], nextCursor: null }));
    await ask('GET', '/api/workflows?schedule_id=3');
    expect(app.asked.at(-1)).toEqual(new ListWorkflows({ filter: { scheduleId: 3 }, page: { limit: 50 } }));
  });
});
