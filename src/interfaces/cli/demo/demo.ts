import type { ApiClient, ApprovalDto, TimelineEventDto, WorkflowDto } from '../api-client.js';
import type { Terminal } from '../terminal.js';
import { ApprovalQuestions } from './approval-questions.js';
import { bulletLine, describeApproval, describeStandstill, describeUndecided, streamLine, type Later } from './demo-output.js';

export const DEMO_INTENT = 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list';

export interface DemoOptions {
  readonly intent: string;
  /** Answers every question by itself. */
  readonly answer?: 'yes' | 'no';
  readonly later: Later;
}

/** Ids of the demo's people: who submits, and who decides. */
const REQUESTER = 1;
const APPROVER = 10;
/** How long the demo waits for a run to come to its gates, in milliseconds. */
const GATE_WAIT_MS = 30_000;
const POLL_MS = 50;

const FINAL = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
const DECIDED = new Set(['approval_granted', 'approval_rejected']);
/** After these a run may have nothing left to do. */
const SETTLING = new Set([
  'step_succeeded',
  'step_skipped',
  'step_dead_lettered',
  'step_waits_for_tool',
  'approval_rejected',
  'workflow_paused',
  'event_parked',
]);
/** What no decision about an approval, and no time, brings to an end. */
const STANDSTILL = new Set(['dead_letter', 'pause', 'tool', 'parked']);

/** Nothing more happens by itself: every step that is not done waits for a person, or for a step that does. */
function isAtRest({ state, steps, waiting_for: waits }: WorkflowDto): boolean {
  if (FINAL.has(state)) return true;
  if (waits.some(({ kind, step_id }) => kind === 'parked' || (kind === 'pause' && step_id === null)))
    return !steps.some((step) => step.state === 'RUNNING');
  if (state === 'PLANNING' || waits.some(({ kind }) => kind === 'retry' || kind === 'start_time')) return false;
  const stateOf = new Map(steps.map((step) => [step.key, step.state]));
  const settled = (key: string): boolean => ['SUCCEEDED', 'SKIPPED'].includes(stateOf.get(key) ?? '');
  const held = new Set(waits.map(({ step_id }) => step_id));
  return steps.every(({ step_id: id, state: step, depends_on }) => {
    if (step === 'RUNNING') return false;
    if (step === 'PENDING') return !depends_on.every(settled);
    // One that has just been decided, or has just failed, goes on.
    return step === 'READY' || step === 'BLOCKED' || step === 'FAILED' ? held.has(id) : true;
  });
}

/** At rest for good: nothing that the demo can ask about changes what it waits for. */
const isAtStandstill = (run: WorkflowDto): boolean =>
  isAtRest(run) && run.waiting_for.length > 0 && run.waiting_for.every(({ kind }) => STANDSTILL.has(kind));

/** The quick start's demo against a running engine: submit, look at the gate, decide, watch the run to its end. */
export class Demo {
  private readonly questions: ApprovalQuestions;

  constructor(
    private readonly api: ApiClient,
    private readonly terminal: Terminal,
    private readonly options: DemoOptions,
  ) {
    this.questions = new ApprovalQuestions(api, terminal, { decidedBy: APPROVER, answer: options.answer });
  }

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
    const pending = (await this.api.approvals(workflowId)).filter(({ status }) => status === 'required');
    for (const approval of pending) this.show(approval);
    if (pending.length === 0) terminal.write('   None: nothing in this workflow needs an approval now.');
    terminal.write();
    const shown = await this.showTimeline(workflowId);
    if (pending.length > 0) {
      terminal.write('⏸️ Workflow paused at approval gate.');
      terminal.write('   High-risk steps require manual approval.');
      terminal.write();
      await this.questions.ask(pending[0]!);
      if (this.questions.undecided.length > 0) return this.leave(pending);
    }
    return this.watch(workflowId, shown, pending.slice(1));
  }

  private async waitForRest(workflowId: number, position: string): Promise<void> {
    const until = performance.now() + GATE_WAIT_MS;
    while (!isAtRest(await this.api.workflow(workflowId, position)) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private show(approval: ApprovalDto): void {
    for (const line of describeApproval(approval)) this.terminal.write(line);
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

  /** Shows what happens, and asks meanwhile; until the run's end, or until only people could bring it on. */
  private async watch(workflowId: number, after: number, pending: readonly ApprovalDto[]): Promise<number> {
    const { terminal, questions } = this;
    terminal.write(`🔴 Streaming workflow ${workflowId}... (Press Ctrl+C to stop)`);
    terminal.write();
    const closing = new AbortController();
    const events = this.api.stream(workflowId, after, closing.signal);
    const asked = (...approvals: readonly ApprovalDto[]): Promise<'answered'> => questions.ask(...approvals).then(() => 'answered');
    let answered: Promise<'answered'> | undefined = asked(...pending);
    let next = events.next();
    try {
      for (;;) {
        const what = await Promise.race(answered ? [next, answered] : [next]);
        if (what === 'answered') {
          answered = undefined;
          const end = await this.endWithoutMore(workflowId);
          if (end !== undefined) return end;
          continue;
        }
        if (what.done) break;
        next = events.next();
        const event = what.value;
        terminal.write(streamLine(event));
        if (event.type === 'workflow_complete') return 0;
        if (event.type === 'workflow_failed' || event.type === 'workflow_cancelled') return 1;
        const { approval_id: approvalId } = event.data as { approval_id?: number };
        if (approvalId !== undefined && DECIDED.has(event.type)) questions.withdraw(approvalId);
        if (approvalId !== undefined && event.type === 'approval_required') {
          const approval = await this.api.approval(approvalId, event.position);
          if (approval.status === 'required') {
            this.show(approval);
            answered = asked(approval);
          }
        }
        if (answered === undefined && SETTLING.has(event.type)) {
          const end = await this.endWithoutMore(workflowId, event);
          if (end !== undefined) return end;
        }
      }
    } finally {
      questions.withdrawAll();
      closing.abort();
      next.catch(() => undefined);
    }
    // The stream had nothing more to say: the run was final before it was opened.
    return (await this.api.workflow(workflowId)).state === 'SUCCEEDED' ? 0 : 1;
  }

  /** The exit code where the run waits for what nobody here will do; undefined where it goes on. */
  private async endWithoutMore(workflowId: number, after?: TimelineEventDto): Promise<number | undefined> {
    const run = await this.api.workflow(workflowId, after?.position);
    if (FINAL.has(run.state) || !isAtRest(run)) return undefined;
    if (isAtStandstill(run)) {
      this.terminal.write();
      for (const line of describeStandstill(run, this.options.later)) this.terminal.write(line);
      return 1;
    }
    const { undecided } = this.questions;
    return undecided.length > 0 ? this.leave(undecided) : undefined;
  }

  private leave(undecided: readonly ApprovalDto[]): number {
    for (const line of describeUndecided(undecided, APPROVER, this.options.later)) this.terminal.write(line);
    return 0;
  }
}
