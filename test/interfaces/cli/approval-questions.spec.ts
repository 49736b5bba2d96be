import { ApiError, type ApiClient, type ApprovalDto } from '../../../src/interfaces/cli/api-client.js';
import { ApprovalQuestions } from '../../../src/interfaces/cli/demo/approval-questions.js';
import type { Terminal } from '../../../src/interfaces/cli/terminal.js';

const approval = (id: number): ApprovalDto => ({
  approval_id: id,
  workflow_id: 1,
  step_id: id,
  step_name: 'Submit',
  tool: 'job_submit',
  risk_level: 'L3',
  reason: `High-risk operation ${id}`,
  status: 'required',
  args: {},
  args_hash: '0',
});

/** A terminal at which somebody types when the test says so. */
class ScriptedTerminal implements Terminal {
  readonly lines: string[] = [];
  readonly asked: string[] = [];
  private answer: ((text: string | undefined) => void) | undefined;
  constructor(
    readonly isInteractive: boolean,
    private readonly typed: (string | undefined)[] = [],
  ) {}
  write(line = ''): void {
    this.lines.push(line);
  }
  ask(question: string, withdrawn?: AbortSignal): Promise<string | undefined> {
    this.asked.push(question);
    if (this.typed.length > 0) return Promise.resolve(this.typed.shift());
    return new Promise((resolve) => {
      this.answer = resolve;
      withdrawn?.addEventListener('abort', () => resolve(undefined));
    });
  }
  type(text: string): void {
    this.answer!(text);
  }
  close(): void {
    this.answer = undefined;
  }
}

describe('the questions of the demo', () => {
  const decisions: unknown[] = [];
  const api = (fault?: Error): ApiClient =>
    ({
      decide: ({ approval_id: id }: ApprovalDto, decision: string, by: number, reason?: string) => {
        if (fault) return Promise.reject(fault);
        decisions.push([id, decision, by, reason]);
        return Promise.resolve({ status: decision });
      },
    }) as unknown as ApiClient;
  const questions = (terminal: Terminal, options: { answer?: 'yes' | 'no'; fault?: Error } = {}) =>
    new ApprovalQuestions(api(options.fault), terminal, { decidedBy: 10, answer: options.answer });
  beforeEach(() => (decisions.length = 0));

  it('ask a person for the reason of a no, and nobody for that of a yes', async () => {
    const terminal = new ScriptedTerminal(true, ['no', 'too risky', 'yes', 'n', '']);
    await questions(terminal).ask(approval(1), approval(2), approval(3));
    expect(decisions).toEqual([
      [1, 'reject', 10, 'too risky'],
      [2, 'approve', 10, undefined],
      [3, 'reject', 10, undefined],
    ]);
    expect(terminal.lines).toContain('🚫 Approval rejected: too risky');
  });

  it('take the reason in the same line, and in a pipe only there', async () => {
    const terminal = new ScriptedTerminal(false, ['no: too far', 'no', 'yes']);
    await questions(terminal).ask(approval(1), approval(2), approval(3));
    expect(decisions).toEqual([
      [1, 'reject', 10, 'too far'],
      [2, 'reject', 10, undefined],
      [3, 'approve', 10, undefined],
    ]);
  });

  it('are asked again until the answer is one', async () => {
    const terminal = new ScriptedTerminal(true, ['perhaps', 'noway', 'yes']);
    await questions(terminal).ask(approval(1));
    expect(terminal.asked).toHaveLength(3);
    expect(decisions).toEqual([[1, 'approve', 10, undefined]]);
  });

  it('are withdrawn when somebody else decides, and the next one is asked', async () => {
    const terminal = new ScriptedTerminal(true);
    const asking = questions(terminal);
    const done = asking.ask(approval(1), approval(2), approval(3));
    asking.withdraw(2);
    asking.withdraw(1);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.asked).toHaveLength(2);
    terminal.type('yes');
    await done;
    expect(decisions).toEqual([[3, 'approve', 10, undefined]]);
    expect(asking.undecided).toEqual([]);
  });

  it('remember what nobody answered', async () => {
    const asking = questions(new ScriptedTerminal(false, ['yes', undefined]));
    await asking.ask(approval(1), approval(2));
    expect(asking.undecided).toEqual([approval(2)]);
  });

  it('go on where somebody was quicker, and say so', async () => {
    const terminal = new ScriptedTerminal(true, ['yes', 'yes']);
    await questions(terminal, { fault: new ApiError('It has been rejected already.', 409) }).ask(approval(1), approval(2));
    expect(terminal.lines.filter((line) => line === 'It has been rejected already.')).toHaveLength(2);
    await expect(questions(terminal, { answer: 'yes', fault: new ApiError('no engine answers') }).ask(approval(1))).rejects.toThrow(
      'no engine',
    );
  });
});
