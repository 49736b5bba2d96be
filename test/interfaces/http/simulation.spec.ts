import { PlanningRefused } from '../../../src/application/application.errors.js';
import { SimulatePlan, type SimulatedPlan } from '../../../src/application/queries/simulate-plan.js';
import { simulationSchema } from '../../../src/interfaces/http/plans/simulation.schemas.js';
import { plannedStep } from '../../domain/support/planned-steps.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

const ANSWER: SimulatedPlan = {
  planner: 'given',
  steps: [
    {
      step: plannedStep(1, { riskLevel: 'L3', dependsOn: ['s2'] }),
      verdict: 'approval',
      rule: 'L3 steps wait for a person (configured from L3)',
      irreversible: true,
      rejectionSkips: { steps: [plannedStep(3)], count: 101 },
    },
  ],
};

describe('simulating over HTTP', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());
  beforeEach(() => {
    http.asked.length = 0;
    http.answer(() => ANSWER);
  });

  const simulate = (json: object) => send(`${http.url}/api/plans/simulate`, { json });

  it('asks for a plan or an intent, and answers with the steps', async () => {
    const steps = [{ key: 'a', tool: 'echo' }];
    const { status, body } = await simulate({ user_id: 1, plan: { steps }, require_approval_from: 'L2', time_zone: 'Europe/Berlin' });
    expect(status).toBe(200);
    expect(body).toEqual({
      planner: 'given',
      steps: [
        {
          key: 's1',
          name: 'Step 1',
          tool: 'echo',
          tool_version: '1.0.0',
          args: { text: 'of 1' },
          depends_on: ['s2'],
          risk_level: 'L3',
          verdict: 'approval',
          rule: 'L3 steps wait for a person (configured from L3)',
          irreversible: true,
          rejection_skips: ['s3'],
          rejection_skips_count: 101,
        },
      ],
    });
    simulationSchema.parse(body);
    await simulate({ user_id: 1, intent: 'x' });
    const given = { steps: [{ key: 'a', name: 'a', tool: 'echo', args: {}, dependsOn: [] }] };
    expect(http.asked).toEqual([
      new SimulatePlan({ plan: given, approvalFrom: 'L2', timeZone: 'Europe/Berlin' }),
      new SimulatePlan({ intent: 'x' }),
    ]);
  });

  it.each([
    ['neither an intent nor a plan', { user_id: 1 }, '/intent'],
    ['nobody who asks', { intent: 'x' }, '/user_id'],
    ['what only a submission takes', { user_id: 1, intent: 'x', priority: 'high' }, '/priority'],
  ])('refuses %s', async (_what, json, field) => {
    const { status, body } = await simulate(json);
    expect([status, body]).toMatchObject([400, { code: 'request.invalid', errors: [{ field }] }]);
    expect(http.asked).toEqual([]);
  });

  it('refuses an intent that cannot be planned in the words of the planner', async () => {
    http.answer(() => {
      throw new PlanningRefused('planner.unclear-time', 'Say when.');
    });
    const { status, body } = await simulate({ user_id: 1, intent: 'x' });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      status: 422,
      code: 'planner.unclear-time',
      title: 'Planner unclear time',
      detail: 'Say when.',
      errors: [{ field: '/intent', message: 'Say when.' }],
    });
  });
});
