import { createInterface } from 'node:readline';

/** Where a command of the program reads and writes. */
export interface Terminal {
  write(line?: string): void;
  /** A line the user types; undefined where nobody answers (no terminal and nothing in the pipe). */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** Without a terminal, an answer must be in the pipe already: nothing waits for longer than this, in milliseconds. */
const PIPE_WAIT_MS = 2_000;

export function processTerminal(): Terminal {
  let lines: AsyncIterator<string> | undefined;
  let reader: ReturnType<typeof createInterface> | undefined;
  const nextLine = async (): Promise<string | undefined> => {
    reader ??= createInterface({ input: process.stdin });
    lines ??= reader[Symbol.asyncIterator]();
    const line = lines.next().then(({ done, value }) => (done ? undefined : value));
    if (process.stdin.isTTY) return line;
    let timer: NodeJS.Timeout | undefined;
    const nobody = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), PIPE_WAIT_MS)));
    return Promise.race([line, nobody]).finally(() => clearTimeout(timer));
  };
  return {
    write: (line = '') => void process.stdout.write(`${line}\n`),
    ask: async (question) => {
      process.stdout.write(`${question} `);
      const answer = await nextLine();
      // What was typed at a terminal is on the screen already.
      if (!process.stdin.isTTY) process.stdout.write(`${answer ?? ''}\n`);
      return answer;
    },
    close: () => {
      reader?.close();
      process.stdin.unref?.();
      if (!process.stdin.isTTY) process.stdin.destroy();
    },
  };
}
