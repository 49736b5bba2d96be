import { until } from '@lifeos/test-support';
import type { ToolWait } from '../../../src/application/ports/read-models.js';
import { PRIORITIES } from '../../../src/domain/workflow/lifecycle.js';
import { waitsOf } from '../../../src/domain/workflow/waiting.js';
import { step, submit, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import type { Tool } from '../../../src/infrastructure/tools/tool.js';
import { testTool, toolsOf, type TestToolOptions } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);

/** A tool whose calls the test lets end one by one. */
class Calls {
  readonly begun: string[] = [];
  private readonly open: (() => void)[] = [];

  tools(options: TestToolOptions = {}, ...others: readonly Tool[]) {
    return toolsOf(
      ...others,
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
    const waits: (ToolWait & { readonly urgency: number; readonly since: string })[] = [];
    for (const workflowId of workflowIds) {
      const { state } = await app.decisions.read(workflowId);
      const { userId } = state;
      for (const { plan, attempt, lacksToolSince: since, toolLack } of state.steps) {
        const { stepId, tool, toolVersion } = plan;
        if (since === null || toolLack !== 'limited' || exceptUsers.includes(userId) || !tools.some((one) => one.tool === tool)) continue;
        waits.push({
          workflowId,
          stepId,
          attempt,
          tool,
          toolVersion,
          because: 'limited',
          userId,
          urgency: PRIORITIES.indexOf(state.priority),
          since,
        });
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
    const app = await application({ tools: calls.tools(), concurrency: 1 });
    await app.startSagas();
    await app.startExecutor();
    await run(app, ['first']);
    await calls.haveBegun(1);
    // The executor asks of each step, when it is made ready and when it is delivered, whether its tool is paused.
    let looked = 0;
    const holds = app.pauses.holds.bind(app.pauses);
    app.pauses.holds = (tool) => {
      looked += 1;
      return holds(tool);
    };
    for (const priority of ['low', 'normal', 'high'] as const) await run(app, [priority], { priority });
    await until('all wait', () => looked === 6);
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

  it('keep what one person has let in from filling what others could use', async () => {
    const calls = new Calls();
    const busy = testTool('busy', () => new Promise(() => undefined), { concurrency: 1, timeoutMs: 600_000 });
    const app = await application({ tools: calls.tools({}, busy), users: { concurrency: 2 }, concurrency: 4, graceMs: 0 });
    await app.startSagas();
    await app.startExecutor();
    const keys = Array.from({ length: 30 }, (_, n) => `s${n}`);
    const greedy = await submit(app, { plan: { steps: keys.map((key) => step(key, { tool: 'busy' })) } });
    // One runs, one waits for the tool; all others wait in the log, and hold nothing.
    await until('the others wait', async () => (await waitKinds(app, greedy.workflowId)).length === 28);
    showWaits(app, [greedy.workflowId]);
    await app.startLimitOffers();
    await run(app, ['modest'], { userId: 8 });
    await calls.haveBegun(1);
    expect(await waitKinds(app, greedy.workflowId)).toHaveLength(28);
  });

  it('have those taken up whose tool has another version by now, so that a person hears of them', async () => {
    const calls = new Calls();
    const app = await application({ tools: calls.tools({ rate: { calls: 1, perMs: 600_000 } }) });
    await app.startSagas();
    await app.startExecutor();
    const { workflowId } = await run(app, ['a', 'b']);
    await until('one waits', async () => (await waitKinds(app, workflowId)).length === 1);
    calls.endOne();
    await app.close();
    const newer = await application({ tools: new Calls().tools({ version: '2.0.0' }) });
    await newer.startExecutor();
    const step = [...(await newer.decisions.read(workflowId)).state.steps].find(({ toolLack }) => toolLack === 'limited')!;
    newer.strayWaits = (tools) => {
      expect(tools).toEqual([{ tool: 'echo', toolVersion: '2.0.0' }]);
      const { stepId, tool, toolVersion } = step.plan;
      return Promise.resolve([{ workflowId, stepId, attempt: step.attempt, tool, toolVersion, because: 'limited', userId: 7 }]);
    };
    await newer.startLimitOffers();
    await until('it lacks its tool', async () => (await waitKinds(newer, workflowId)).includes('tool'));
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
