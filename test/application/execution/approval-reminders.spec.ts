import { ApprovalReminders, REMINDER_SETTINGS } from '../../../src/application/execution/approval-reminders.js';
import { APPROVALS_READER, type ApprovalsReader, type PendingApproval } from '../../../src/application/ports/read-models.js';
import { notificationsOf } from '../../../src/domain/notification/notifications-of.js';
import { RunWriter, plannedStep } from '../support/runs.js';
import { applicationsOver } from '../support/test-application.js';
import { TestClock } from '../support/test-clock.js';
import { sharedStore } from '../support/test-store.js';

const HOUR = 60 * 60_000;
const START = Date.parse('2026-03-01T10:00:00.000Z');
const AFTER = [4 * HOUR, 24 * HOUR, 72 * HOUR];

const store = sharedStore();
const application = applicationsOver(store);

let lastId = 40;

/** An application whose read model has the open requests of the runs that a test asks for. */
async function reminding() {
  const clock = new TestClock(START);
  const runs: number[] = [];
  const pending = async (reminders: number, limit: number): Promise<readonly PendingApproval[]> => {
    const found: PendingApproval[] = [];
    for (const workflowId of runs) {
      const { state } = await app.decisions.read(workflowId);
      for (const { approval, plan } of state.steps)
        if (approval?.status === 'required') found.push({ ...approval, workflowId, stepId: plan.stepId });
    }
    return found
      .filter((one) => one.reminders === reminders)
      .sort((a, b) => a.requestedAt.localeCompare(b.requestedAt))
      .slice(0, limit);
  };
  const app = await application({
    clock,
    readModels: new Map([[APPROVALS_READER, { pending } satisfies Pick<ApprovalsReader, 'pending'>]]),
    others: new Map([[REMINDER_SETTINGS, { afterMs: AFTER }]]),
  });
  const ask = async (): Promise<RunWriter> => {
    const run = new RunWriter(app.decisions, ++lastId);
    await run.submit([plannedStep(1, { riskLevel: 'L3' })]);
    await run.schedule(new Map([[1, lastId * 10]]));
    runs.push(lastId);
    return run;
  };
  const remindersOf = async ({ workflowId }: RunWriter): Promise<readonly unknown[]> =>
    (await store().eventsOf(workflowId)).filter(({ type }) => type === 'ApprovalReminded').map(({ data }) => data['reminder']);
  return { app, clock, ask, remindersOf, reminders: app.get(ApprovalReminders) };
}

describe('reminders of approvals', () => {
  it('come at their times, each once, until somebody decides', async () => {
    const { clock, ask, reminders, remindersOf } = await reminding();
    const run = await ask();
    expect(await reminders.remindDue()).toBe(60_000);
    clock.advance(4 * HOUR - 10_000);
    expect(await reminders.remindDue()).toBe(10_000);
    expect(await remindersOf(run)).toEqual([]);
    clock.advance(10_000);
    await reminders.remindDue();
    await reminders.remindDue();
    expect(await remindersOf(run)).toEqual([1]);
    clock.advance(20 * HOUR);
    await reminders.remindDue();
    expect(await remindersOf(run)).toEqual([1, 2]);
    await run.do('DecideApproval', { approvalId: run.workflowId * 10, stepId: 1, verdict: 'approve', decidedBy: 9 });
    clock.advance(72 * HOUR);
    await reminders.remindDue();
    expect(await remindersOf(run)).toEqual([1, 2]);
  });

  it('are one where several became due while nothing ran', async () => {
    const { clock, ask, reminders, remindersOf } = await reminding();
    const run = await ask();
    clock.advance(30 * HOUR);
    await reminders.remindDue();
    expect(await remindersOf(run)).toEqual([2]);
  });

  it('are recorded once by any number of nodes', async () => {
    const { clock, ask, reminders, remindersOf } = await reminding();
    const [one, other] = [await ask(), await ask()];
    clock.advance(5 * HOUR);
    await Promise.all([reminders.remindDue(), reminders.remindDue(), reminders.remindDue()]);
    expect([await remindersOf(one), await remindersOf(other)]).toEqual([[1], [1]]);
  });

  it('are told with a link to the request', async () => {
    const { app, clock, ask, reminders } = await reminding();
    const run = await ask();
    clock.advance(5 * HOUR);
    await reminders.remindDue();
    const { state } = await app.decisions.read(run.workflowId);
    const approvalId = run.workflowId * 10;
    const data = { workflowId: run.workflowId, at: new Date(clock.now()).toISOString(), stepId: 1, name: 'Step 1' };
    const event = {
      type: 'ApprovalReminded',
      data: { ...data, approvalId, requestedAt: new Date(START).toISOString(), reminder: 1 },
    } as const;
    const [told] = notificationsOf(event, state, false);
    expect(told).toMatchObject({
      notification: {
        type: 'approval.reminded',
        page: `/approvals/${approvalId}`,
        title: 'Approval still needed: Step 1',
        data: { approval_id: approvalId, reminder: 1, requested_at: '2026-03-01T10:00:00.000Z' },
      },
      subject: { tools: ['note'], risk: 'L3' },
    });
  });
});
