import type { Query } from '@nestjs/cqrs';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { GetTimeline } from '../../../src/application/queries/get-timeline.js';
import { GetWorkflowApprovals } from '../../../src/application/queries/get-workflow-approvals.js';
import { GetWorkflow } from '../../../src/application/queries/get-workflow.js';
import { SubmitIntent } from '../../../src/application/workflow/submit-intent.command.js';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { sampleEvent } from '../../contract/event-store/support/sample-events.js';
import { ScriptedReadModels } from '../support/scripted-read-models.js';
import { applicationsOver } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';

const store = sharedStore();
const application = applicationsOver(store);
const actor = { kind: 'user', id: '7', authenticated: false } as const;

async function submittedRun() {
  const readModels = new ScriptedReadModels();
  const app = await application({ readModels: readModels.ports });
  const submitted = await app.execute(new SubmitIntent({ userId: 7, intent: 'an intent', actor }));
  return { app, readModels, ...submitted };
}

const QUESTIONS: [string, (workflowId: number) => Query<unknown>][] = [
  ['the run', (workflowId) => new GetWorkflow({ workflowId })],
  ['its timeline', (workflowId) => new GetTimeline({ workflowId, limit: 10 })],
  ['its approvals', (workflowId) => new GetWorkflowApprovals({ workflowId })],
];

describe.each(QUESTIONS)('a question about %s', (_, questionAbout) => {
  it('waits for a run that was submitted and that the read models do not hold yet', async () => {
    const { app, readModels, workflowId, position } = await submittedRun();
    readModels.catchUp = () => {
      readModels.hold(workflowId);
      return true;
    };
    await expect(app.ask(questionAbout(workflowId))).resolves.toBeDefined();
    expect(readModels.awaited).toEqual([position]);
  });

  it('says that the read models are behind where they do not come to it in time', async () => {
    const { app, readModels, workflowId } = await submittedRun();
    readModels.catchUp = () => false;
    await expect(app.ask(questionAbout(workflowId))).rejects.toMatchObject({ code: 'read-model.behind' });
  });

  it('says that a run does not exist only where it never was', async () => {
    const { app, readModels, workflowId } = await submittedRun();
    await expect(app.ask(questionAbout(workflowId + 1_000))).rejects.toMatchObject({ code: 'workflow.not-found' });
    expect(readModels.awaited).toEqual([]);
  });

  it('says so of a stream that holds no submission', async () => {
    const { app, workflowId } = await submittedRun();
    const stranger = workflowId + 500;
    await store().log.append(
      workflowStream(stranger),
      [sampleEvent({ workflowId: stranger, offset: 0, steps: [] }, 'PlanPartRecorded')],
      'no-stream',
    );
    await expect(app.ask(questionAbout(stranger))).rejects.toMatchObject({ code: 'workflow.not-found' });
  });

  it('does not take an event store that is away for a run that never was', async () => {
    const { app, workflowId } = await submittedRun();
    app.log.beforeReadEnds = () => Promise.reject(new EventLogUnavailable('gone'));
    await expect(app.ask(questionAbout(workflowId))).rejects.toBeInstanceOf(EventLogUnavailable);
  });

  it('asks the log nothing about a run that is there', async () => {
    const { app, readModels, workflowId } = await submittedRun();
    readModels.hold(workflowId);
    const { length } = app.log.reads;
    await app.ask(questionAbout(workflowId));
    expect(app.log.reads).toHaveLength(length);
  });
});
