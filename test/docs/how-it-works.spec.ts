import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { PlanWorkflow } from '../../src/application/workflow/plan-workflow.command.js';
import { DecideApproval } from '../../src/application/workflow/decide-approval.command.js';
import { ScheduleReadySteps } from '../../src/application/workflow/schedule-ready-steps.command.js';
import { SubmitIntent, type SubmittedRun } from '../../src/application/workflow/submit-intent.command.js';
import { stepOf } from '../../src/domain/workflow/workflow.state.js';
import { RuleBasedPlanner } from '../../src/infrastructure/planners/rule-based/rule-based.planner.js';
import { createTools } from '../../src/infrastructure/tools/create-tools.js';
import { recordSuccess, startStep } from '../application/support/attempts.js';
import { ACTOR } from '../application/support/submissions.js';
import { applicationsOver } from '../application/support/test-application.js';
import { sharedStore } from '../application/support/test-store.js';

const store = sharedStore();
const application = applicationsOver(store);
const ROOT = path.resolve(import.meta.dirname, '../..');

const blocks = async (): Promise<readonly string[]> => {
  const text = await readFile(path.join(ROOT, 'docs/how-it-works.md'), 'utf8');
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!);
};

/** Runs a block with what it uses by name; answers with what it declares. */
async function runBlock(block: string, names: Readonly<Record<string, unknown>>): Promise<unknown> {
  const declared = /const (\w+) =/.exec(block)?.[1];
  const AsyncFunction = (Object.getPrototypeOf(runBlock) as object).constructor as new (
    ...args: readonly string[]
  ) => (...values: readonly unknown[]) => Promise<unknown>;
  return new AsyncFunction(...Object.keys(names), `${block}\nreturn ${declared ?? 'undefined'};`)(...Object.values(names));
}

describe('docs/how-it-works.md', () => {
  let outboxDir: string;
  beforeAll(async () => {
    outboxDir = await mkdtemp(path.join(tmpdir(), 'lifeos-docs-'));
  });
  afterAll(() => rm(outboxDir, { recursive: true, force: true }));

  it('shows lines of code that compile', async () => {
    const preamble = `
      import type { CommandBus } from '@nestjs/cqrs';
      import type { Actor } from '${ROOT}/src/application/ports/event-log.js';
      import type { Tools } from '${ROOT}/src/application/ports/tools.js';
      import { DecideApproval } from '${ROOT}/src/application/workflow/decide-approval.command.js';
      import { ScheduleReadySteps } from '${ROOT}/src/application/workflow/schedule-ready-steps.command.js';
      import { SubmitIntent } from '${ROOT}/src/application/workflow/submit-intent.command.js';
      declare const commands: CommandBus, tools: Tools, actor: Actor, signal: AbortSignal, approvalId: number, otherApprovalId: number;
      `;
    const file = path.join(ROOT, 'src', 'documented-lines.ts');
    const source = `${preamble}${(await blocks()).join('')}export { names, outcome };`;
    const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (name) => ts.sys.readFile(name)) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const host = ts.createCompilerHost({ ...options, noEmit: true });
    const withLines: ts.CompilerHost = {
      ...host,
      fileExists: (name) => name === file || host.fileExists(name),
      readFile: (name) => (name === file ? source : host.readFile(name)),
      getSourceFile: (name, version, ...rest) =>
        name === file ? ts.createSourceFile(name, source, version) : host.getSourceFile(name, version, ...rest),
    };
    const program = ts.createProgram([file], { ...options, noEmit: true }, withLines);
    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(problems).toEqual([]);
  }, 120_000);

  it('shows lines of code that do what it says', async () => {
    const [submit, schedule, call, decide, list] = await blocks();
    const tools = createTools({ outboxDir, clock: { now: Date.now } });
    const app = await application({ planner: new RuleBasedPlanner(), tools });
    const commands = { execute: app.execute.bind(app) };
    const actor = ACTOR;
    const run = (await runBlock(submit!, { commands, actor, SubmitIntent })) as SubmittedRun;
    const { workflowId } = run;
    const submittedAt = new Date().toISOString();
    await app.execute(new PlanWorkflow({ workflowId, intent: run.intent, submittedAt }));
    const step = async (stepId: number): Promise<void> => {
      const attempt = { workflowId, stepId, attempt: 1, worker: 'docs', causedBy: '00000000-0000-4000-8000-000000000000' };
      const { state } = await startStep(app, attempt);
      const args = stepOf(state, stepId)!.args!;
      const { tool } = (await store().eventsOf(workflowId)).findLast(
        ({ type, data }) => type === 'StepReady' && data['stepId'] === stepId,
      )!.data;
      const outcome = await tools.call({
        tool: tool as string,
        args,
        idempotencyKey: `docs/${stepId}`,
        attempt: 1,
        timeZone: 'UTC',
        signal: new AbortController().signal,
      });
      if (outcome.kind !== 'success') throw new Error(outcome.error.message);
      await recordSuccess(app, { ...attempt, output: outcome.output });
    };
    const scheduled = (): Promise<unknown> => runBlock(schedule!, { commands, run, ScheduleReadySteps });
    await scheduled();
    await step(1);
    await scheduled();
    await Promise.all([step(2), step(4)]);
    await scheduled();
    const requested = (await store().eventsOf(workflowId)).filter(({ type }) => type === 'ApprovalRequested');
    const [approvalId, otherApprovalId] = requested.map(({ data }) => data['approvalId'] as number);
    await runBlock(decide!, { commands, actor, approvalId, otherApprovalId, DecideApproval });
    expect(await store().typesOf(workflowId)).toEqual(expect.arrayContaining(['ApprovalGranted', 'ApprovalRejected']));
    const outcome = await runBlock(call!, { tools, signal: new AbortController().signal });
    expect(outcome).toMatchObject({ kind: 'success', output: { query: 'backend' } });
    expect(await runBlock(list!, { tools })).toContain('job_submit: L3');
  });

  it('lists every tool with its risk level', async () => {
    const text = await readFile(path.join(ROOT, 'docs/how-it-works.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `(\w+)` \| .* \| (L\d) \|$/gm)].map(([, name, level]) => [name, level]);
    const tools = createTools({ outboxDir, clock: { now: Date.now } });
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(tools.manifests().map(({ name, riskLevel }) => [name, riskLevel])));
  });
});
