import fc from 'fast-check';
import { until } from '@lifeos/test-support';
import { CreateSchedule, type NewSchedule } from '../../../src/application/schedules/create-schedule.command.js';
import { DeleteSchedule } from '../../../src/application/schedules/delete-schedule.command.js';
import { PauseSchedule } from '../../../src/application/schedules/pause-schedule.command.js';
import { ResumeSchedule } from '../../../src/application/schedules/resume-schedule.command.js';
import { scheduleStream } from '../../../src/application/schedules/schedule-codec.js';
import { TriggerSchedule } from '../../../src/application/schedules/trigger-schedule.command.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { EventLogUnavailable, type RecordedEvent } from '../../../src/application/ports/event-log.js';
import { READ_MODEL_PROGRESS, SCHEDULES_READER } from '../../../src/application/ports/read-models.js';
import { cronRecurrence } from '../../../src/infrastructure/time/cron-recurrence.js';
import { ACTOR, step, submit } from '../support/submissions.js';
import { TestClock } from '../support/test-clock.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { toolsOf } from '../support/test-tools.js';
import { FoldedSchedules } from './support/folded-schedules.js';

const store = sharedStore();
const application = applicationsOver(store);

const MINUTE = 60_000;
const START = '2026-01-05T08:00:00.000Z';
const minute = (n: number): string => new Date(Date.parse(START) + n * MINUTE).toISOString();

class Setting {
  readonly clock = new TestClock(Date.parse(START));
  readonly readModel: FoldedSchedules;
  app!: TestApplication;
  scheduleId = 0;

  private constructor() {
    this.readModel = new FoldedSchedules(store().log);
  }

  static async with(schedule: Partial<NewSchedule> = {}): Promise<Setting> {
    const setting = new Setting();
    setting.app = await setting.node();
    const created = await setting.app.execute(
      new CreateSchedule({ userId: 7, intent: 'an intent', cron: '* * * * *', actor: ACTOR, overlap: 'allow', ...schedule }),
    );
    setting.scheduleId = created.scheduleId;
    setting.readModel.only = setting.scheduleId;
    return setting;
  }

  /** Another process over the same store. */
  node(tools?: ReturnType<typeof toolsOf>): Promise<TestApplication> {
    const readModels = new Map([
      [SCHEDULES_READER, this.readModel],
      [READ_MODEL_PROGRESS, this.readModel],
    ]);
    return application({ clock: this.clock, readModels, ...(tools && { tools }) });
  }

  /** The runs of the schedule: their occurrences, in the order of the log. */
  async runs(): Promise<(string | undefined)[]> {
    return (await this.readModel.submissions(this.scheduleId)).map(({ scheduledFor }) => scheduledFor);
  }

  async events(): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const event of store().log.readStream(scheduleStream(this.scheduleId))) events.push(event);
    return events;
  }

  async skips(): Promise<unknown[]> {
    return (await this.events()).flatMap(({ type, data }) =>
      type === 'OccurrenceSkipped' ? [[data['because'], data['scheduledFor'], data['count'] ?? 1]] : [],
    );
  }
}

describe('a schedule', () => {
  it('submits when an occurrence has come, never before, and once', async () => {
    const options = { onFailure: 'skip', approvalFrom: 'L2', priority: 'high', timeZone: 'Europe/Berlin' } as const;
    const setting = await Setting.with({ plan: { steps: [step('a')] }, ...options });
    setting.clock.advance(MINUTE - 1);
    expect(await setting.app.schedules.submitDue()).toBe(1);
    expect(await setting.runs()).toEqual([]);
    setting.clock.advance(1);
    await setting.app.schedules.submitDue();
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(1)]);
    const { workflowId } = (await setting.readModel.submissions(setting.scheduleId))[0]!;
    const [submitted, planned] = await store().eventsOf(workflowId);
    expect(submitted).toMatchObject({
      data: {
        ...{ userId: 7, intent: 'an intent', ...options, planGiven: true },
        schedule: { scheduleId: setting.scheduleId, scheduledFor: minute(1) },
      },
      metadata: { actor: { kind: 'system', id: 'schedules' } },
    });
    expect(planned).toMatchObject({ type: 'WorkflowPlanned' });
    expect((await setting.events()).map(({ type }) => type)).toEqual(['ScheduleCreated']);
  });

  it('is made once for a key', async () => {
    const setting = await Setting.with();
    const { app } = setting;
    const schedule = { userId: 7, intent: 'an intent', cron: '@daily', actor: ACTOR, idempotencyKey: 'one schedule' };
    const made = await Promise.all([1, 2].map(() => app.execute(new CreateSchedule(schedule))));
    expect((await app.execute(new CreateSchedule(schedule))).scheduleId).toBe(made[0]!.scheduleId);
    expect(new Set(made.map(({ scheduleId }) => scheduleId)).size).toBe(1);
    expect((await app.execute(new CreateSchedule({ ...schedule, userId: 8 }))).scheduleId).not.toBe(made[0]!.scheduleId);
    const ending = { ...schedule, idempotencyKey: 'one that ends', endsAt: minute(3) };
    const first = await app.execute(new CreateSchedule({ ...ending, cron: '* * * * *' }));
    setting.clock.advance(10 * MINUTE);
    expect((await app.execute(new CreateSchedule({ ...ending, cron: '* * * * *' }))).scheduleId).toBe(first.scheduleId);
    await expect(app.execute(new CreateSchedule({ ...schedule, cron: '@hourly' }))).rejects.toMatchObject({
      code: 'idempotency-key.reused',
    });
  });

  it('fires an occurrence once on two nodes, though their read model is behind', async () => {
    const setting = await Setting.with();
    const other = await setting.node();
    setting.readModel.freeze(await setting.readModel.active());
    setting.clock.advance(MINUTE);
    await Promise.all([setting.app, other, setting.app, other].map((app) => app.schedules.submitDue()));
    setting.readModel.freeze(undefined);
    expect(await setting.runs()).toEqual([minute(1)]);
  });

  it('fires an occurrence once where two loops run over one store', async () => {
    const setting = await Setting.with();
    const nodes = [setting.app, await setting.node()];
    setting.clock.advance(MINUTE);
    for (const { schedules } of nodes) schedules.start();
    await until('the run', async () => (await setting.runs()).length > 0);
    for (const { schedules } of nodes) await schedules.stop();
    expect(await setting.runs()).toEqual([minute(1)]);
    expect(await setting.skips()).toEqual([]);
  });

  it('fires an occurrence whose submission broke off, as the same run', async () => {
    const setting = await Setting.with();
    setting.clock.advance(MINUTE);
    let appends = 0;
    // The claim is stored, then the process dies.
    setting.app.log.beforeAppend = ({ streamId }) => {
      if (!streamId.startsWith('workflow-')) return undefined;
      appends += 1;
      return Promise.reject(new EventLogUnavailable('the process dies'));
    };
    await expect(setting.app.schedules.submitDue()).rejects.toThrow('the process dies');
    expect(appends).toBe(1);
    await (await setting.node()).schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(1)]);
  });

  it('runs the last of the occurrences that were missed, and records the others in one event', async () => {
    const setting = await Setting.with();
    setting.clock.advance(10 * MINUTE + 5_000);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(10)]);
    expect(await setting.skips()).toEqual([['missed', minute(9), 9]]);
  });

  it('runs none of those that were missed where it is not to catch up, and the next one in time', async () => {
    const setting = await Setting.with({ catchUp: 'none', cron: '*/5 * * * *' });
    setting.clock.advance(12 * MINUTE);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([]);
    expect(await setting.skips()).toEqual([
      ['missed', minute(5), 1],
      ['missed', minute(10), 1],
    ]);
    setting.clock.advance(3 * MINUTE + 59_000);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(15)]);
  });

  it('skips an occurrence while its last run is unfinished', async () => {
    const setting = await Setting.with({ overlap: 'skip' });
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(1)]);
    expect(await setting.skips()).toEqual([['overlap', minute(2), 1]]);
    const { workflowId } = (await setting.readModel.submissions(setting.scheduleId))[0]!;
    await setting.app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(1), minute(3)]);
  });

  it('skips it too where a run by hand came between, and has ended', async () => {
    const setting = await Setting.with({ overlap: 'skip' });
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    const { scheduleId } = setting;
    const byHand = await setting.app.execute(new TriggerSchedule({ scheduleId, actor: ACTOR }));
    await setting.app.execute(new CancelWorkflow({ workflowId: byHand.workflowId, actor: ACTOR }));
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    expect(await setting.skips()).toEqual([['overlap', minute(2), 1]]);
  });

  it('submits nothing once somebody who deleted it was told so', async () => {
    const setting = await Setting.with();
    setting.clock.advance(MINUTE);
    const { scheduleId, app } = setting;
    // Between the claim and the submission.
    app.log.beforeAppend = async ({ streamId }) => {
      if (streamId.startsWith('occurrence-')) await app.execute(new DeleteSchedule({ scheduleId, actor: ACTOR }));
    };
    await app.schedules.submitDue();
    expect(await setting.runs()).toEqual([]);
  });

  it.each([
    ['paused', PauseSchedule],
    ['deleted', DeleteSchedule],
  ] as const)('that is %s does not fire, though the read model does not know it yet', async (_, End) => {
    const setting = await Setting.with();
    setting.readModel.freeze(await setting.readModel.active());
    await setting.app.execute(new End({ scheduleId: setting.scheduleId, actor: ACTOR }));
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([]);
    expect(await setting.skips()).toEqual([]);
  });

  it('knows nothing of occurrences from while it was paused', async () => {
    const setting = await Setting.with();
    const { scheduleId } = setting;
    await setting.app.execute(new PauseSchedule({ scheduleId, actor: ACTOR }));
    setting.clock.advance(10 * MINUTE);
    await setting.app.schedules.submitDue();
    await setting.app.execute(new ResumeSchedule({ scheduleId, actor: ACTOR }));
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(11)]);
    expect(await setting.skips()).toEqual([]);
  });

  it('ends at its end', async () => {
    const setting = await Setting.with({ endsAt: minute(2), catchUp: 'last' });
    for (let n = 0; n < 4; n++) {
      setting.clock.advance(MINUTE);
      await setting.app.schedules.submitDue();
    }
    expect(await setting.runs()).toEqual([minute(1), minute(2)]);
  });

  it('records an occurrence whose submission is refused, and goes on', async () => {
    const setting = await Setting.with({ plan: { steps: [step('a')] } });
    const withoutTools = await setting.node(toolsOf());
    setting.clock.advance(MINUTE);
    await withoutTools.schedules.submitDue();
    expect(await setting.skips()).toEqual([['refused', minute(1), 1]]);
    expect((await setting.events()).at(-1)!.data['detail']).toContain('plan.unknown-tool');
    expect(withoutTools.logger.said('error', `schedule ${setting.scheduleId}`)).toHaveLength(1);
    setting.clock.advance(MINUTE);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(2)]);
  });

  it('is run now when a person says so, and comes as it would have', async () => {
    const setting = await Setting.with();
    const trigger = new TriggerSchedule({ scheduleId: setting.scheduleId, actor: ACTOR, idempotencyKey: 'once' });
    setting.clock.advance(MINUTE + 30_000);
    const { workflowId } = await setting.app.execute(trigger);
    expect((await setting.app.execute(trigger)).workflowId).toBe(workflowId);
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([undefined, minute(1)]);
    await setting.app.execute(new DeleteSchedule({ scheduleId: setting.scheduleId, actor: ACTOR }));
    await expect(setting.app.execute(new TriggerSchedule({ scheduleId: setting.scheduleId, actor: ACTOR }))).rejects.toMatchObject({
      code: 'schedule.deleted',
    });
  });

  it('is claimed where no key of a person leads', async () => {
    const setting = await Setting.with();
    setting.clock.advance(MINUTE);
    const key = `${setting.scheduleId}-${Date.parse(minute(1))}`;
    for (const idempotencyKey of [key, `occurrence-${key}`]) await submit(setting.app, { idempotencyKey });
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(1)]);
  });

  it.each([
    [{ cron: '61 * * * *' }, 'schedule.invalid-cron'],
    [{ cron: '0 0 30 2 *' }, 'schedule.never-comes'],
    [{ cron: '@daily', endsAt: minute(1) }, 'schedule.never-comes'],
    [{ intent: ' ' }, 'intent.empty'],
    [{ plan: { steps: Array.from({ length: 9 }, (_, n) => step(`k${n}`, { args: { text: 'x'.repeat(30_000) } })) } }, 'plan.too-large'],
    [{ plan: { steps: [step('a', { tool: 'no such tool' })] } }, 'plan.unknown-tool'],
  ] as const)('is refused where it is nonsense (%#)', async (change, code) => {
    await expect(Setting.with(change)).rejects.toMatchObject({ code });
  });

  it('submits nothing while the read model is behind', async () => {
    const setting = await Setting.with();
    setting.clock.advance(MINUTE);
    setting.readModel.isBehind = true;
    await expect(setting.app.schedules.submitDue()).rejects.toThrow('is behind');
    setting.readModel.isBehind = false;
    await setting.app.schedules.submitDue();
    expect(await setting.runs()).toEqual([minute(1)]);
  });

  it('is fired at most once for an occurrence, and each due one is fired or recorded, whatever clocks, nodes and faults do', async () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant('advance' as const), seconds: fc.integer({ min: -150, max: 400 }) }),
      fc.record({ do: fc.constant('round' as const), node: fc.nat(1), at: fc.nat(4) }),
      fc.record({ do: fc.constant('rounds at once' as const) }),
      fc.record({ do: fc.constant('restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 3, maxLength: 12 }),
        fc.constantFrom('skip', 'allow'),
        fc.constantFrom('none', 'last'),
        async (acts, overlap, catchUp) => {
          const setting = await Setting.with({ overlap, catchUp });
          const nodes = [setting.app, await setting.node()];
          let latest = setting.clock.now();
          for (const one of acts) {
            if (one.do === 'advance') setting.clock.advance(one.seconds * 1_000);
            else if (one.do === 'rounds at once') await Promise.allSettled(nodes.map((node) => node.schedules.submitDue()));
            else if (one.do === 'restart') nodes[1] = await setting.node();
            else {
              const node = nodes[one.node]!;
              let left = one.at;
              node.log.afterAppend = () => (left-- === 0 ? Promise.reject(new EventLogUnavailable('the answer was lost')) : undefined);
              await node.schedules.submitDue().catch(() => undefined);
              node.log.afterAppend = () => undefined;
            }
            if (one.do !== 'advance' && one.do !== 'restart') latest = Math.max(latest, setting.clock.now());
          }
          setting.clock.advance(Math.max(0, latest - setting.clock.now()));
          await nodes[0]!.schedules.submitDue();
          await nodes[0]!.schedules.submitDue();
          const runs = await setting.runs();
          expect(new Set(runs).size).toBe(runs.length);
          const skips = await setting.skips();
          const skipped = (skips as [string, string, number][]).reduce((sum, [, , count]) => sum + count, 0);
          let due = 0;
          for (let next = Date.parse(START); ; due++) {
            next = cronRecurrence.nextAfter('* * * * *', 'UTC', next)!;
            if (next > setting.clock.now()) break;
          }
          expect(runs.length + skipped).toBe(due);
          for (const scheduledFor of runs) expect(Date.parse(scheduledFor!)).toBeLessThanOrEqual(setting.clock.now());
        },
      ),
      { numRuns: 25 },
    );
  });
});
