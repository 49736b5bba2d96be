import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import type { ApprovalView } from '../../../src/application/ports/read-models.js';
import { GetApproval } from '../../../src/application/queries/get-approval.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import { step, submitPlan } from '../support/submissions.js';
import { ScriptedReadModels } from '../support/scripted-read-models.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';

const store = sharedStore();
const application = applicationsOver(store);

const lastApprovalId = async (): Promise<number> => (await store().log.readLast('sequence-approval'))!.data['to'] as number;

/** An application, and the id of an approval that its log has and its read models do not. */
async function askedFor() {
  const readModels = new ScriptedReadModels();
  const app = await application({ readModels: readModels.ports });
  const { workflowId } = await submitPlan(app, step('a', { riskLevel: 'L3' }));
  await app.execute(new ScheduleReadySteps({ workflowId, causedBy: 'cause-1' }));
  const { data, position } = (await store().eventsOf(workflowId)).find(({ type }) => type === 'ApprovalRequested')!;
  const approvalId = data['approvalId'] as number;
  const held = {
    approvalId,
    workflowId,
    stepId: 1,
    stepName: 'Step a',
    tool: 'echo',
    toolVersion: '1.0.0',
    args: { text: 'a' },
  } as unknown as ApprovalView;
  return { app, readModels, workflowId, approvalId, position, hold: () => void readModels.approvals.set(workflowId, [held]), held };
}

describe('a question about an approval', () => {
  it('waits for one that was asked for and that the read models do not hold yet', async () => {
    const { app, readModels, approvalId, position, hold, held } = await askedFor();
    readModels.catchUp = () => {
      hold();
      return true;
    };
    expect(await app.ask(new GetApproval({ approvalId }))).toMatchObject(held);
    expect(readModels.awaited).toEqual([expect.any(BigInt)]);
    expect(readModels.awaited[0]! >= position).toBe(true);
  });

  it.each([
    ['come to it in time', false],
    ['show it then', true],
  ])('says that the read models are behind where they do not %s', async (_, reached) => {
    const { app, readModels, approvalId } = await askedFor();
    readModels.catchUp = () => reached;
    await expect(app.ask(new GetApproval({ approvalId }))).rejects.toMatchObject({ code: 'read-model.behind' });
  });

  it('says that there is none only where none was ever asked for', async () => {
    const { app, readModels, approvalId } = await askedFor();
    await expect(app.ask(new GetApproval({ approvalId: approvalId + 1_000 }))).rejects.toMatchObject({ code: 'approval.not-found' });
    expect(readModels.awaited).toEqual([]);
  });

  it('says so of an id that was given out for a request which was never recorded', async () => {
    const { app, workflowId } = await askedFor();
    const next = await submitPlan(app, step('b', { riskLevel: 'L3' }));
    app.log.afterAppend = ({ streamId }) => (/^approval-/.test(streamId) ? Promise.reject(new Error('died')) : undefined);
    const scheduling = app.execute(new ScheduleReadySteps({ workflowId: next.workflowId, causedBy: 'cause-1' }));
    await expect(scheduling).rejects.toThrow('died');
    expect(next.workflowId).not.toBe(workflowId);
    await expect(app.ask(new GetApproval({ approvalId: await lastApprovalId() }))).rejects.toMatchObject({ code: 'approval.not-found' });
  });

  it('does not take an event store that is away for an approval that never was', async () => {
    const { app, approvalId } = await askedFor();
    app.log.beforeReadEnds = () => Promise.reject(new EventLogUnavailable('gone'));
    await expect(app.ask(new GetApproval({ approvalId }))).rejects.toBeInstanceOf(EventLogUnavailable);
  });

  it('reads of the log only what came to the run where the read models have it', async () => {
    const { app, approvalId, workflowId, hold, held } = await askedFor();
    hold();
    const next = Math.max(...(await store().eventsOf(workflowId)).map(({ revision }) => revision)) + 1;
    const { length } = app.log.reads;
    expect(await app.ask(new GetApproval({ approvalId }))).toMatchObject(held);
    expect(app.log.reads.slice(length)).toEqual([{ streamId: `workflow-${workflowId}`, from: next }]);
  });
});
