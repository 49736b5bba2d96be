import { z } from 'zod';
import { defineTool } from '../src/infrastructure/tools/tool.js';

/** Returns at once about 100 bytes: what is measured is the engine. Where it is told to, it says to the process that measures when its body ran. */
export const noop = defineTool({
  name: 'noop',
  version: '1.0.0',
  description: 'Does nothing.',
  riskLevel: 'L0',
  effect: 'idempotent',
  concurrency: 1_000,
  input: z.object({ step: z.string(), run: z.string(), tell: z.boolean().default(false) }),
  output: z.object({ step: z.string(), run: z.string(), ok: z.boolean(), note: z.string() }),
  run: ({ step, run, tell }) => {
    if (tell) process.send?.({ run, at: Number(process.hrtime.bigint()) / 1e6 });
    return { step, run, ok: true, note: 'a step that does nothing, padded to a size that outputs have' };
  },
});
