import { appendFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defineTool } from '../../../src/infrastructure/tools/tool.js';

/** Goes on once there is the file `go-<name>`, and leaves a line in the file `calls` before; without a name it answers at once. */
export const hold = defineTool({
  name: 'hold',
  version: '1.0.0',
  description: 'Waits until the test lets it go.',
  riskLevel: 'L0',
  effect: 'idempotent',
  timeoutMs: 120_000,
  input: z.object({
    folder: z.string(),
    name: z.string().optional(),
    /** It goes on though it was aborted, as a call does that nobody can take back. */
    stubborn: z.boolean().default(false),
  }),
  output: z.object({ pid: z.int() }),
  run: async ({ folder, name, stubborn }, { signal, attempt }) => {
    if (name === undefined) return { pid: process.pid };
    await appendFile(path.join(folder, 'calls'), `${JSON.stringify({ name, attempt, pid: process.pid })}\n`);
    while (!existsSync(path.join(folder, `go-${name}`))) {
      if (!stubborn) signal.throwIfAborted();
      await delay(20);
    }
    return { pid: process.pid };
  },
});
