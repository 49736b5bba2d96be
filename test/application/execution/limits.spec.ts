import { until } from '@lifeos/test-support';
import type { Tools } from '../../../src/application/ports/tools.js';
import type { LimitedWait } from '../../../src/application/ports/read-models.js';
import { PRIORITIES } from '../../../src/domain/workflow/lifecycle.js';
import { waitsOf } from '../../../src/domain/workflow/waiting.js';
import { step, submit, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf, type TestToolOptions } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

/** A tool whose calls the test lets end one by one. */
class Calls {
  readonly begun: string[] = [];
  private readonly open: (() => void)[] = [];

  tools(options: TestToolOptions = {}) {
    return toolsOf(
      testTool(
        'echo',
        async (text) => {
          this.begun.push(text);
          await new Promise<void>((resolve) => this.open.push(resolve));
          return { text };
        },
        { concurrency: 100, ...options },
      ),
    );
  }

  endOne(): void {
    this.open.shift()?.();
  }

  async haveBegun(count: number): Promise<void> {
    await until(`${count} calls`, () => this.begun.length >= count);
  }
}

/** What the read model would show: the steps of these runs that wait for room, the more urgent first. */
function showWaits(app: TestApplication, workflowIds: readonly number[]): void {
  app.limitedWaits = async (tools, exceptUsers, limit) => {
    const waits: (LimitedWait & { readonly urgency: number; readonly since: string })[] = [];
    for (const workflowId of workflowIds) {
      const { state } = await app.decisions.read(workflowId);
      const { userId } = state;
      for (const { plan, attempt, lacksToolSince: since, toolLack } of state.steps) {
        const { stepId, tool, toolVersion } = plan;
        if (since === null || toolLack !== 'limited' || exceptUsers.includes(userId) || !tools.some((one) => one.tool === tool)) continue;
        waits.push({ workflowId, stepId, attempt, tool, toolVersion, userId, urgency: PRIORITIES.indexOf(state.priority), since });
      }
    }
    return waits.sort((a, b) => a.urgency - b.urgency || a.since.localeCompare(b.since)).slice(0, limit);
  };
}

const run = (app: TestApplication, keys: readonly string[], more: Parameters<typeof submit>[1] = {}) =>
  submit(app, { plan: { steps: keys.map((key) => step(key)) }, ...more });

const waitKinds = async (app: TestApplication, workflowId: number): Promise<readonly string[]> =>
  waitsOf((await app.decisions.read(workflowId)).state).map(({ kind }) => kind);

describe('priorities', () => {
  it('decide who gets the next place', async () => {
    const calls = new Calls();
    const tools = calls.tools();
    let waiting = 0;
    const enter: Tools['enter'] = async (...asked) => {
      const place = await tools.enter(...asked);
      waiting += 1;
      return place;
    };
    const app = await application({ tools: Object.assign(Object.create(tools) as Tools, { enter }), concurrency: 1 });
    await app.startSagas();
    await app.startExecutor();
    await run(app, ['first']);
    await calls.haveBegun(1);
    for (const priority of ['low', 'normal', 'high'] as const) await run(app, [priority], { priority });
    await until('all have their place at the tool, and wait for one of the executor', () => waiting === 3);
    for (let done = 1; done <= 4; done++) {
      await calls.haveBegun(done);
      calls.endOne();
    }
    expect(calls.begun).toEqual(['first', 'high', 'normal', 'low']);
  });
});

describe('limits', () => {
  it('of a tool let so many calls begin; the others wait in the log, and say so', async () => {
    const calls = new Calls();
    const app = await application({ tools: calls.tools({ rate: { calls: 2, perMs: 400 } }) });
    await app.startSagas();
    await app.startExecutor();
    const { workflowId } = await run(app, ['a', 'b', 'c', 'd', 'e']);
    await until('three wait', async () => (await waitKinds(app, workflowId)).length === 3);
    expect(await waitKinds(app, workflowId)).toEqual(['limit', 'limit', 'limit']);
    expect(calls.begun).toHaveLength(2);
    showWaits(app, [workflowId]);
    await app.startLimitOffers();
    await calls.haveBegun(5);
    for (let count = 0; count < 5; count++) calls.endOne();
    await until('the run ends', async () => (await store().typesOf(workflowId)).includes('WorkflowCompleted'));
    const begun = (await store().eventsOf(workflowId))
      .filter(({ type }) => type === 'StepStarted')
      .map(({ data }) => Date.parse(data['at'] as string));
    // The clock of events is not the one that counts: a few milliseconds lie between them.
    for (const from of begun) expect(begun.filter((time) => time >= from && time < from + 350).length).toBeLessThanOrEqual(2);
  });

  it('of a person leave room for others (invariant 17)', async () => {
    const calls = new Calls();
    const app = await application({ tools: calls.tools(), users: { concurrency: 2 }, concurrency: 3 });
    await app.startSagas();
    await app.startExecutor();
    const greedy = await run(
      app,
      Array.from({ length: 20 }, (_, n) => `greedy ${n}`),
    );
    await until('the others wait', async () => (await waitKinds(app, greedy.workflowId)).length === 18);
    const modest = await run(app, ['modest'], { userId: 8 });
    await calls.haveBegun(3);
    expect(calls.begun.filter((text) => text.startsWith('greedy'))).toHaveLength(2);
    expect(calls.begun).toContain('modest');
    showWaits(app, [greedy.workflowId, modest.workflowId]);
    await app.startLimitOffers();
    for (let ended = 0; ended < 21; ended++) {
      await calls.haveBegun(Math.min(21, ended + 1));
      calls.endOne();
    }
    for (const { workflowId } of [greedy, modest])
      await until('the run ends', async () => (await store().typesOf(workflowId)).includes('WorkflowCompleted'));
    expect(atOnce(await store().eventsOf(greedy.workflowId))).toBe(2);
  });

  it('let the more urgent of those that wait begin first', async () => {
    const calls = new Calls();
    const app = await application({ tools: calls.tools(), users: { concurrency: 1 } });
    await app.startSagas();
    await app.startExecutor();
    const runs = [await run(app, ['first'])];
    await calls.haveBegun(1);
    for (const priority of ['low', 'normal', 'high'] as const) {
      const one = await run(app, [priority], { priority });
      runs.push(one);
      await until('it waits', async () => (await waitKinds(app, one.workflowId)).length === 1);
    }
    showWaits(
      app,
      runs.map(({ workflowId }) => workflowId),
    );
    await app.startLimitOffers();
    for (let done = 1; done <= 4; done++) {
      await calls.haveBegun(done);
      calls.endOne();
    }
    expect(calls.begun).toEqual(['first', 'high', 'normal', 'low']);
  });

  it('count no attempt of a person that is over', async () => {
    const app = await application({ tools: toolsOf(testTool('echo', (text) => ({ text }))), users: { concurrency: 1 } });
    await app.startSagas();
    await app.startExecutor();
    for (const key of ['a', 'b', 'c']) {
      const { workflowId } = await submitPlan(app, step(key));
      await until('the run ends', async () => (await store().typesOf(workflowId)).includes('WorkflowCompleted'));
    }
  });
});

/** The most attempts that ran at once, by a run's events. */
function atOnce(events: readonly { readonly type: string }[]): number {
  let running = 0;
  let most = 0;
  for (const { type } of events) {
    if (type === 'StepStarted') most = Math.max(most, ++running);
    if (type === 'StepSucceeded' || type === 'StepFailed') running -= 1;
  }
  return most;
}
