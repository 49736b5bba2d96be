import type { ApiClient, ApprovalDto, TimelineEventDto, WorkflowDto } from '../api-client.js';
import type { Terminal } from '../terminal.js';
import { bulletLine, describeApproval, streamLine } from './demo-output.js';

export const DEMO_INTENT = 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list';

export interface DemoOptions {
  readonly intent: string;
  /** Answers every question by itself. */
  readonly answer?: 'yes' | 'no';
}

/** Ids of the demo's people: who submits, and who decides. */
const REQUESTER = 1;
const APPROVER = 10;
/** How long the demo waits for a run to come to its gates, in milliseconds. */
const GATE_WAIT_MS = 30_000;
const POLL_MS = 50;

const FINAL = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

/** Nothing more happens by itself: every step that is not done waits for a person, or for a step that does. */
function isAtRest({ state, steps }: WorkflowDto): boolean {
  if (FINAL.has(state)) return true;
  if (state === 'PLANNING') return false;
  const stateOf = new Map(steps.map((step) => [step.key, step.state]));
  const settled = (key: string): boolean => ['SUCCEEDED', 'SKIPPED'].includes(stateOf.get(key) ?? '');
  return steps.every(
    ({ state: step, depends_on }) => step !== 'READY' && step !== 'RUNNING' && !(step === 'PENDING' && depends_on.every(settled)),
  );
}

/** The quick start's demo against a running engine: submit, look at the gate, decide, watch the run to its end. */
export class Demo {
  constructor(
    private readonly api: ApiClient,
    private readonly terminal: Terminal,
    private readonly options: DemoOptions,
  ) {}

  /** Answers with the process' exit code: 0 where the run completed or waits for a decision that nobody was there to take. */
  async run(): Promise<number> {
    const { terminal } = this;
    terminal.write('🚀 Life OS Workflow Execution Engine Demo');
    terminal.write('='.repeat(68));
    terminal.write();
    terminal.write(`📝 Submitting workflow: ${this.options.intent}`);
    terminal.write();
    const { workflow_id: workflowId, position } = await this.api.submit(REQUESTER, this.options.intent);
    terminal.write(`✅ Workflow submitted: ID = ${workflowId}`);
    terminal.write();
    terminal.write('🔍 Checking for approval gates...');
    terminal.write();
    await this.waitForRest(workflowId, position);
    const pending = await this.pending(workflowId);
    for (const approval of pending) describeApproval(approval).forEach((line) => terminal.write(line));
    if (pending.length === 0) terminal.write('   None: nothing in this workflow needs an approval now.');
    terminal.write();
    const shown = await this.showTimeline(workflowId);
    if (pending.length > 0) {
      terminal.write('⏸️ Workflow paused at approval gate.');
      terminal.write('   High-risk steps require manual approval.');
      terminal.write();
    }
    for (const approval of pending) {
      if (pending.length > 1) terminal.write(`${approval.reason} (approval ${approval.approval_id})`);
      if (!(await this.decide(approval))) return 0;
    }
    return this.watch(workflowId, shown);
  }

  private async waitForRest(workflowId: number, position: string): Promise<void> {
    const until = Date.now() + GATE_WAIT_MS;
    while (!isAtRest(await this.api.workflow(workflowId, position)) && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async pending(workflowId: number): Promise<readonly ApprovalDto[]> {
    return (await this.api.approvals(workflowId)).filter(({ status }) => status === 'required');
  }

  /** Answers with the id of the last event shown. */
  private async showTimeline(workflowId: number): Promise<number> {
    const { terminal } = this;
    const events = await this.api.timeline(workflowId);
    terminal.write('📊 Current workflow timeline:');
    for (const event of events) terminal.write(bulletLine(event));
    terminal.write();
    return events.at(-1)?.id ?? 0;
  }

  /** False where nobody answered. */
  private async decide(approval: ApprovalDto): Promise<boolean> {
    const { terminal } = this;
    const decision = await this.askUntilClear();
    if (decision === undefined) {
      terminal.write('No answer: the approval stays pending. Decide with --yes or --no, or:');
      terminal.write(
        `  curl -X POST ${this.api.baseUrl}/api/approvals/${approval.approval_id}/decision -H 'Content-Type: application/json' -d '{"decision":"approve","decided_by":${APPROVER}}'`,
      );
      return false;
    }
    await this.api.decide(approval, decision, APPROVER);
    terminal.write();
    terminal.write(decision === 'approve' ? '✅ Approval granted' : '🚫 Approval rejected');
    terminal.write();
    return true;
  }

  private async askUntilClear(): Promise<'approve' | 'reject' | undefined> {
    const question = 'Do you want to approve? (yes/no):';
    for (;;) {
      if (this.options.answer) this.terminal.write(`${question} ${this.options.answer}`);
      const answer = this.options.answer ?? (await this.terminal.ask(question));
      if (answer === undefined) return undefined;
      if (/^\s*(y|yes)\s*$/i.test(answer)) return 'approve';
      if (/^\s*(n|no)\s*$/i.test(answer)) return 'reject';
      this.terminal.write('Please answer yes or no.');
    }
  }

  private async watch(workflowId: number, after: number): Promise<number> {
    const { terminal } = this;
    terminal.write(`🔴 Streaming workflow ${workflowId}... (Press Ctrl+C to stop)`);
    terminal.write();
    for await (const event of this.api.stream(workflowId, after)) {
      terminal.write(streamLine(event));
      if (event.type === 'workflow_complete') return 0;
      if (event.type === 'workflow_failed' || event.type === 'workflow_cancelled') return 1;
      if (event.type === 'approval_required' && !(await this.decideStreamed(workflowId, event))) return 0;
      if (event.type === 'step_dead_lettered' && (await this.waitsForGood(workflowId))) {
        terminal.write('The workflow waits for a person: a step has used up its attempts.');
        return 1;
      }
    }
    // The stream had nothing more to say: the run was final before it was opened.
    return (await this.api.workflow(workflowId)).state === 'SUCCEEDED' ? 0 : 1;
  }

  private async decideStreamed(workflowId: number, event: TimelineEventDto): Promise<boolean> {
    const { args_hash: argsHash, approval_id: id } = event.data as { args_hash: string; approval_id: number };
    const known = { approval_id: id, workflow_id: workflowId, args_hash: argsHash } as ApprovalDto;
    return this.decide(known);
  }

  private async waitsForGood(workflowId: number): Promise<boolean> {
    await this.waitForRest(workflowId, '0');
    return !FINAL.has((await this.api.workflow(workflowId)).state) && (await this.pending(workflowId)).length === 0;
  }
}
