import { engineForTests, LifeosProcess } from './support/engine-process.js';
import { ask, eventually } from './support/http.js';

interface Schedule {
  readonly schedule_id: number;
  readonly state: string;
  readonly next_at: string | null;
  readonly last_workflow_id: number | null;
}

describe('schedules of an engine', () => {
  const engine = engineForTests();

  it('are created, run by hand, paused, resumed and deleted', async () => {
    const body = { user_id: 1, intent: 'Create a grocery list', cron: '0 7 * * *', time_zone: 'Europe/Berlin' };
    const created = await ask<Schedule & { readonly position: string }>(engine.url, 'POST', '/api/schedules', body);
    expect(created.status).toBe(201);
    const id = created.body.schedule_id;
    const path = `/api/schedules/${id}`;
    const read = async (): Promise<Schedule> => (await ask<Schedule>(engine.url, 'GET', path)).body;
    expect(await read()).toMatchObject({ state: 'active', next_at: created.body.next_at });
    const run = await ask<{ workflow_id: number; position: string }>(engine.url, 'POST', `${path}/trigger`);
    await eventually(read, (now) => now.last_workflow_id === run.body.workflow_id);
    const runs = await ask<{ items: readonly object[] }>(
      engine.url,
      'GET',
      `/api/workflows?schedule_id=${id}&min_position=${run.body.position}`,
    );
    expect(runs.body.items).toMatchObject([{ workflow_id: run.body.workflow_id, schedule_id: id, scheduled_for: null }]);
    for (const [act, state] of [
      ['pause', 'paused'],
      ['resume', 'active'],
    ] as const) {
      await ask(engine.url, 'POST', `${path}/${act}`, { user_id: 1, reason: 'a test' });
      await eventually(read, (now) => now.state === state);
    }
    expect((await ask<Schedule>(engine.url, 'DELETE', path)).body).toMatchObject({ state: 'deleted', next_at: null });
    const refused = await ask<{ code: string }>(engine.url, 'POST', `${path}/trigger`);
    expect([refused.status, refused.body.code]).toEqual([409, 'schedule.deleted']);
  });

  it('are controlled by the program', async () => {
    const cli = async (...args: string[]): Promise<string> => {
      const process = LifeosProcess.start(['schedules', ...args, '--url', engine.url], {});
      await process.closed;
      return process.output;
    };
    const created = await cli('create', '--user', '1', '--intent', 'Create a grocery list', '--cron', '@daily', '--time-zone', 'UTC');
    const id = /Schedule (\d+), next at \d{4}-\d\d-\d\dT00:00:00\.000Z\./.exec(created)![1]!;
    expect(await cli('pause', id, '--reason', 'holidays')).toContain(`Schedule ${id} is paused.`);
    expect(await cli('trigger', id)).toMatch(`of schedule ${id}.`);
    expect(await cli('delete', id)).toContain(`Schedule ${id} is deleted.`);
    const shown = await cli('show', id);
    expect(shown).toContain(`${id}: Create a grocery list (@daily, UTC)`);
    expect(await cli('list')).toContain(`${id}: Create a grocery list`);
  });

  it.each([
    ['61 * * * *', 'schedule.invalid-cron'],
    ['0 0 30 2 *', 'schedule.never-comes'],
  ])('are refused where %s', async (cron, code) => {
    const refused = await ask<{ code: string }>(engine.url, 'POST', '/api/schedules', { user_id: 1, intent: 'x', cron });
    expect([refused.status, refused.body.code]).toEqual([422, code]);
  });
});
