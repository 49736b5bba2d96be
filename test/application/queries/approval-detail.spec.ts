import type { ApprovalView } from '../../../src/application/ports/read-models.js';
import { GetApproval } from '../../../src/application/queries/get-approval.js';
import { GetWorkflowApprovals } from '../../../src/application/queries/get-workflow-approvals.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import type { PlanStep } from '../../../src/domain/plan/plan.js';
import { recordSuccess, startStep } from '../support/attempts.js';
import { ScriptedReadModels } from '../support/scripted-read-models.js';
import { step, submitPlan } from '../support/submissions.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf, type TestToolOptions } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const tool = (name: string, options?: TestToolOptions) => testTool(name, (text) => ({ text }), options);
const READS = { summary: 'Say "{/text}"', shows: ['/text'] };

const STEPS: readonly PlanStep[] = [
  step('find'),
  step('say', { tool: 'say', riskLevel: 'L3', args: { text: { $from: 'find', path: '/text' } } }),
  step('thank', { dependsOn: ['say'] }),
];

/** A run whose second step waits for a person, as its log has it, with the request in the read models. */
async function asked(app: TestApplication, readModels: ScriptedReadModels): Promise<ApprovalView> {
  const { workflowId } = await submitPlan(app, ...STEPS);
  const causedBy = 'cause-1';
  const attempt = { workflowId, stepId: 1, attempt: 1, worker: 'w1', causedBy };
  await app.execute(new ScheduleReadySteps({ workflowId, causedBy }));
  await startStep(app, attempt);
  await recordSuccess(app, { ...attempt, output: { text: 'hello' } });
  await app.execute(new ScheduleReadySteps({ workflowId, causedBy }));
  const { data } = (await store().eventsOf(workflowId)).find(({ type }) => type === 'ApprovalRequested')!;
  const view = { ...data, stepName: data['name'] } as unknown as ApprovalView;
  readModels.hold(workflowId);
  readModels.approvals.set(workflowId, [view]);
  return view;
}

describe('an approval', () => {
  it('says what would be done, where its arguments came from, and what a rejection skips', async () => {
    const readModels = new ScriptedReadModels();
    const app = await application({ tools: toolsOf(tool('echo'), tool('say', READS)), readModels: readModels.ports });
    const { approvalId, workflowId } = await asked(app, readModels);
    const shown = { approvalId, summary: 'Say "hello"', shows: ['/text'], irreversible: true };
    const detail = await app.ask(new GetApproval({ approvalId }));
    expect(detail).toMatchObject({
      ...shown,
      rejectionSkips: { steps: [{ stepId: 3, name: 'Step thank' }], count: 1 },
      sources: [{ place: '/text', stepId: 1, stepName: 'Step find' }],
    });
    expect(await app.ask(new GetWorkflowApprovals({ workflowId }))).toMatchObject([shown]);
  });

  it.each<[string, TestToolOptions]>([
    ['says nothing', {}],
    ['is here in another version', { ...READS, version: '2.0.0' }],
  ])('reads as its step where the tool %s', async (_what, now) => {
    const readModels = new ScriptedReadModels();
    const { approvalId, workflowId } = await asked(await application({ tools: toolsOf(tool('echo'), tool('say')) }), readModels);
    const app = await application({ tools: toolsOf(tool('echo'), tool('say', now)), readModels: readModels.ports });
    expect(await app.ask(new GetApproval({ approvalId }))).toMatchObject({ summary: 'Step say', shows: [], irreversible: true });
    const irreversible = now.version === undefined ? true : null;
    expect(await app.ask(new GetWorkflowApprovals({ workflowId }))).toMatchObject([{ summary: 'Step say', shows: [], irreversible }]);
  });
});
