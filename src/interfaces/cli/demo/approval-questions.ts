import { ApiError, type ApiClient, type ApprovalDto } from '../api-client.js';
import type { Terminal } from '../terminal.js';

/** "no" may be followed by its reason: all there is room for in a pipe. */
const ANSWER = /^\s*(?:(?<yes>y|yes)|(?:n|no)(?:\s*[,:;-]?\s+(?<reason>\S.*))?)\s*$/i;

export interface QuestionsOptions {
  readonly decidedBy: number;
  /** Answers every question by itself. */
  readonly answer: 'yes' | 'no' | undefined;
}

/** Asks about approval requests, one after the other, while the run goes on. */
export class ApprovalQuestions {
  private readonly waiting: ApprovalDto[] = [];
  private asking: Promise<void> | undefined;
  private open: { readonly approval: ApprovalDto; readonly withdrawn: AbortController } | undefined;
  private readonly leftOpen: ApprovalDto[] = [];
  private isOneOfSeveral = false;

  constructor(
    private readonly api: ApiClient,
    private readonly terminal: Terminal,
    private readonly options: QuestionsOptions,
  ) {}

  /** Requests that nobody was there to decide. */
  get undecided(): readonly ApprovalDto[] {
    return this.leftOpen;
  }

  /** Resolves when every question there is has been answered or left open. */
  ask(...approvals: readonly ApprovalDto[]): Promise<void> {
    this.waiting.push(...approvals);
    this.asking ??= this.askAll().finally(() => (this.asking = undefined));
    return this.asking;
  }

  /** Somebody else has decided, or the run is over: nobody need be asked. */
  withdraw(approvalId: number): void {
    const index = this.waiting.findIndex((approval) => approval.approval_id === approvalId);
    if (index >= 0) this.waiting.splice(index, 1);
    if (this.open?.approval.approval_id === approvalId) this.open.withdrawn.abort();
  }

  withdrawAll(): void {
    this.waiting.length = 0;
    this.open?.withdrawn.abort();
  }

  private async askAll(): Promise<void> {
    for (let approval = this.waiting.shift(); approval; approval = this.waiting.shift()) {
      const withdrawn = new AbortController();
      this.open = { approval, withdrawn };
      await this.askAbout(approval, withdrawn.signal);
      this.open = undefined;
    }
  }

  private async askAbout(approval: ApprovalDto, withdrawn: AbortSignal): Promise<void> {
    const { terminal } = this;
    const question = 'Do you want to approve? (yes/no):';
    if (this.isOneOfSeveral) terminal.write(`${approval.reason} (approval ${approval.approval_id})`);
    this.isOneOfSeveral = true;
    for (;;) {
      if (this.options.answer) terminal.write(`${question} ${this.options.answer}`);
      const said = this.options.answer ?? (await terminal.ask(question, withdrawn));
      if (withdrawn.aborted) return;
      if (said === undefined) {
        this.leftOpen.push(approval);
        return;
      }
      const found = ANSWER.exec(said);
      if (!found) {
        terminal.write('Please answer yes or no.');
        continue;
      }
      const decision = found.groups?.['yes'] ? 'approve' : 'reject';
      const reason = found.groups?.['reason'] ?? (decision === 'reject' ? await this.reason(withdrawn) : undefined);
      await this.decide(approval, decision, reason);
      return;
    }
  }

  private async reason(withdrawn: AbortSignal): Promise<string | undefined> {
    // In a pipe the next line is the next answer.
    if (this.options.answer || !this.terminal.isInteractive) return undefined;
    return (await this.terminal.ask('Why not? (Enter for no reason):', withdrawn))?.trim() || undefined;
  }

  private async decide(approval: ApprovalDto, decision: 'approve' | 'reject', reason: string | undefined): Promise<void> {
    const { terminal } = this;
    try {
      await this.api.decide(approval, decision, this.options.decidedBy, reason);
    } catch (error) {
      // Somebody was quicker, or the run was cancelled: it goes on as it is.
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      terminal.write(error.message);
      return;
    }
    terminal.write();
    terminal.write(decision === 'approve' ? '✅ Approval granted' : `🚫 Approval rejected${reason === undefined ? '' : `: ${reason}`}`);
    terminal.write();
  }
}
