import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';

/** Where a command of the program reads and writes. */
export interface Terminal {
  /** Whether a person sits there, who can be asked again. */
  readonly isInteractive: boolean;
  /** Writes a line, above the question that is open. */
  write(line?: string): void;
  /**
   * A line the user types; undefined where nobody answers (no terminal and nothing in the pipe), or where the question is withdrawn. One question at a
   * time.
   */
  ask(question: string, withdrawn?: AbortSignal): Promise<string | undefined>;
  close(): void;
}

/** Without a terminal, an answer must be in the pipe already: nothing waits for longer than this, in milliseconds. */
const PIPE_WAIT_MS = 2_000;

const settledBy = (signal: AbortSignal | undefined): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve(undefined);
    signal?.addEventListener('abort', () => resolve(undefined), { once: true });
  });

/** The process' own terminal or pipe. */
export function processTerminal(): Terminal {
  const { stdin, stdout } = process;
  const isInteractive = stdin.isTTY === true && stdout.isTTY === true;
  let reader: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  /** A line that was waited for and not used: the next question has it. */
  let awaited: Promise<string | undefined> | undefined;
  let isAsking = false;

  const nextLine = (): Promise<string | undefined> => {
    reader ??= createInterface(isInteractive ? { input: stdin, output: stdout } : { input: stdin });
    lines ??= reader[Symbol.asyncIterator]();
    awaited ??= lines.next().then(({ done, value }) => (done ? undefined : value));
    return awaited;
  };
  /** The answer, or undefined where nobody gives one in time. */
  const answered = async (withdrawn: AbortSignal | undefined): Promise<string | undefined> => {
    const line = nextLine().then((text) => {
      awaited = undefined;
      return text;
    });
    if (isInteractive) return Promise.race([line, settledBy(withdrawn)]);
    let timer: NodeJS.Timeout | undefined;
    const nobody = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), PIPE_WAIT_MS)));
    return Promise.race([line, nobody, settledBy(withdrawn)]).finally(() => clearTimeout(timer));
  };

  return {
    isInteractive,
    write: (line = '') => {
      if (!isAsking || !reader || !isInteractive) {
        stdout.write(`${line}\n`);
        return;
      }
      // Above the question, which is drawn again with what has been typed so far.
      cursorTo(stdout, 0);
      clearLine(stdout, 0);
      stdout.write(`${line}\n`);
      reader.prompt(true);
    },
    ask: async (question, withdrawn) => {
      const answer = answered(withdrawn);
      isAsking = true;
      if (isInteractive) {
        reader!.setPrompt(`${question} `);
        reader!.prompt();
      }
      const text = await answer;
      isAsking = false;
      // What was typed at a terminal is on the screen already; one that is withdrawn leaves its line.
      if (!isInteractive) stdout.write(`${question} ${text ?? ''}\n`);
      else if (text === undefined) stdout.write('\n');
      return text;
    },
    close: () => {
      reader?.close();
      stdin.unref?.();
      if (!stdin.isTTY) stdin.destroy();
    },
  };
}
