import type { Planner, PlanningRequest, PlanningResult } from '../../../src/application/ports/planner.js';
import { SimulatePlan } from '../../../src/application/queries/simulate-plan.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import type { PlanStep } from '../../../src/domain/plan/plan.js';
import { RuleBasedPlanner } from '../../../src/infrastructure/planners/rule-based/rule-based.planner.js';
import { CATALOGUE } from '../../../src/infrastructure/tools/catalogue.js';
import { step, submitPlan } from '../support/submissions.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { echo, testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const plan = (...steps: readonly PlanStep[]): { plan: { steps: readonly PlanStep[] } } => ({ plan: { steps } });

const planner = (result: PlanningResult, asked: PlanningRequest[] = []): Planner => ({
  name: 'scripted',
  plan: (request) => {
    asked.push(request);
    return Promise.resolve(result);
  },
});

describe('a simulated plan', () => {
  it('says of each step who decides about it, and what a rejection would skip', async () => {
    const undo = { tool: 'unmake', args: { text: { $from: 'args', path: '/text' } } };
    const tools = toolsOf(
      echo({ effect: 'read-only' }),
      testTool('make', (text) => ({ text }), { riskLevel: 'L3', undo, version: '2.0.0' }),
      testTool('unmake', (text) => ({ text }), { riskLevel: 'L2' }),
    );
    const app = await application({ tools });
    const steps = [
      step('a'),
      step('b', { tool: 'make', args: { text: { $from: 'a', path: '/text' } } }),
      step('c', { tool: 'unmake', dependsOn: ['b'] }),
    ];
    const { steps: said, planner: by } = await app.ask(new SimulatePlan({ ...plan(...steps), approvalFrom: 'L2' }));
    expect(by).toBe('given');
    expect(said).toMatchObject([
      { verdict: 'auto', rule: 'L0 steps run by themselves (asked for from L2)', irreversible: false, rejectionSkips: { count: 0 } },
      {
        step: { key: 'b', toolVersion: '2.0.0', dependsOn: ['a'] },
        verdict: 'approval',
        rule: 'L3 steps wait for a person (asked for from L2)',
        irreversible: false,
        rejectionSkips: { steps: [{ key: 'c' }], count: 1 },
      },
      { verdict: 'approval', irreversible: true, rejectionSkips: { steps: [], count: 0 } },
    ]);
  });

  it('writes nothing', async () => {
    const app = await application({ planner: new RuleBasedPlanner(), tools: toolsOf(...CATALOGUE) });
    const head = await store().log.headPosition();
    const { steps, planner: by } = await app.ask(new SimulatePlan({ intent: 'Apply to 2 backend jobs' }));
    await expect(app.ask(new SimulatePlan({ intent: 'mumble' }))).rejects.toMatchObject({ code: 'planner.not-understood' });
    expect([by, steps.length]).toEqual(['rule-based', 5]);
    expect(steps.filter(({ verdict }) => verdict === 'approval').map(({ step: { tool } }) => tool)).toEqual(['job_submit', 'job_submit']);
    expect(await store().log.headPosition()).toBe(head);
    expect(app.log.appends).toEqual([]);
  });

  it.each(['L2', 'L3'] as const)('asks for the approvals that a run asks for, where people are asked from %s', async (approvalFrom) => {
    const app = await application({ approvalFrom });
    const steps = (['L0', 'L1', 'L2', 'L3'] as const).map((riskLevel) => step(riskLevel, { riskLevel }));
    const said = await app.ask(new SimulatePlan(plan(...steps)));
    const { workflowId } = await submitPlan(app, ...steps);
    await app.execute(new ScheduleReadySteps({ workflowId, causedBy: 'cause-1' }));
    const asked = (await store().eventsOf(workflowId)).filter(({ type }) => type === 'ApprovalRequested').map(({ data }) => data['stepId']);
    expect(said.steps.filter(({ verdict }) => verdict === 'approval').map(({ step: { stepId } }) => stepId)).toEqual(asked);
  });

  it('is planned for the time zone and the moment of the question', async () => {
    const asked: PlanningRequest[] = [];
    const app = await application({ planner: planner({ kind: 'plan', plan: { steps: [step('a')] } }, asked) });
    await app.ask(new SimulatePlan({ intent: ' x ', timeZone: 'Europe/Berlin' }));
    await app.ask(new SimulatePlan({ intent: 'x' }));
    const submittedAt = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(asked).toEqual([
      { intent: 'x', timeZone: 'Europe/Berlin', submittedAt },
      { intent: 'x', timeZone: 'UTC', submittedAt },
    ]);
  });

  it.each<[string, PlanningResult, object]>([
    ['makes no plan', { kind: 'no-plan', code: 'planner.vague', reason: 'Say when.' }, { code: 'planner.vague', message: 'Say when.' }],
    ['names a code in its own way', { kind: 'no-plan', code: 'vague', reason: 'Say when.' }, { code: 'planner.vague' }],
    [
      'makes a plan that cannot run',
      { kind: 'plan', plan: { steps: [step('a', { tool: 'magic' })] } },
      { code: 'plan.unknown-tool', message: expect.stringMatching(/^The planner made a plan that cannot run: /) as string },
    ],
  ])('is refused where the planner %s', async (_what, result, refusal) => {
    const app = await application({ planner: planner(result) });
    await expect(app.ask(new SimulatePlan({ intent: 'x' }))).rejects.toMatchObject(refusal);
  });

  it('is refused for what a submission is refused for', async () => {
    const app = await application();
    await expect(app.ask(new SimulatePlan(plan(step('a', { dependsOn: ['z'] }))))).rejects.toMatchObject({
      code: 'plan.dangling-dependency',
    });
    await expect(app.ask(new SimulatePlan({ ...plan(step('a')), intent: ' ' }))).rejects.toMatchObject({ code: 'intent.empty' });
    await expect(app.ask(new SimulatePlan({ intent: '' }))).rejects.toMatchObject({ code: 'intent.empty' });
  });

  it('lists fewer keys where they are long, and counts all', async () => {
    const app = await application();
    const keyOf = (index: number): string => String(index).padStart(200, '0');
    const steps = Array.from({ length: 1_000 }, (_, index) =>
      step(keyOf(index), { name: 'x', riskLevel: 'L3', dependsOn: index === 0 ? [] : [keyOf(index - 1)] }),
    );
    const { steps: said } = await app.ask(new SimulatePlan(plan(...steps)));
    expect(said.map(({ rejectionSkips: { count } }) => count)).toEqual(steps.map((_, index) => 999 - index));
    const listed = said.map(({ rejectionSkips }) => rejectionSkips.steps.length);
    expect([listed[0], listed[999]]).toEqual([100, 0]);
    expect(listed.reduce((sum, length) => sum + length, 0) * 200).toBeLessThanOrEqual(8 * 1024 * 1024);
  });
});
