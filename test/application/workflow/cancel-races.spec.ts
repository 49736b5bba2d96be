import { until } from '@lifeos/test-support';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { DecideApproval } from '../../../src/application/workflow/decide-approval.command.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import { isFinalEventType } from '../../../src/domain/workflow/events/workflow-events.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const RUNS = 200;

describe('a run that is approved and cancelled at once', () => {
  it('invariants 11 and 12: ends once, nothing follows its end, and everything that was called has its outcome in the history', async () => {
    const called = new Set<string>();
    const tools = toolsOf(
      testTool(
        'echo',
        async (text, { idempotencyKey }) => {
          called.add(idempotencyKey);
          await new Promise((resolve) => setImmediate(resolve));
          return { text };
        },
        { riskLevel: 'L3', effect: 'non-idempotent' },
      ),
    );
    const app = await application({ tools });
    await app.startSagas();
    await app.startExecutor();
    const runs: number[] = [];
    for (let n = 0; n < RUNS; n++) {
      const { workflowId } = await submitPlan(app, step('a'), step('b', { dependsOn: ['a'] }));
      await app.execute(new ScheduleReadySteps({ workflowId }));
      const events = await store().eventsOf(workflowId);
      const approvalId = events.find(({ type }) => type === 'ApprovalRequested')!.data['approvalId'] as number;
      const approve = () => app.execute(new DecideApproval({ approvalId, verdict: 'approve', decidedBy: 10, actor: ACTOR }));
      const cancel = () => app.execute(new CancelWorkflow({ workflowId, actor: ACTOR }));
      const inOrder = n % 2 === 0 ? [approve, cancel] : [cancel, approve];
      await Promise.allSettled(
        inOrder.map(async (act, place) => {
          // From at once to a few turns of the event loop later: the step is ready, running or done by then.
          for (let turn = 0; turn < place * (n % 7); turn++) await new Promise((resolve) => setImmediate(resolve));
          return act();
        }),
      );
      runs.push(workflowId);
    }
    for (const workflowId of runs) {
      await until('its end', async () => (await store().typesOf(workflowId)).some(isFinalEventType));
      const events = await store().eventsOf(workflowId);
      const types = events.map(({ type }) => type);
      expect(types.filter(isFinalEventType)).toHaveLength(1);
      expect(isFinalEventType(types.at(-1)!)).toBe(true);
      const started = events.filter(({ type }) => type === 'StepStarted').map(({ data }) => data['idempotencyKey'] as string);
      expect(types.filter((type) => type === 'StepSucceeded' || type === 'StepFailed')).toHaveLength(started.length);
      for (const key of started) called.delete(key);
    }
    expect(called).toEqual(new Set());
  }, 240_000);
});
