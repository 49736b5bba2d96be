import { defineConfig } from 'rolldown';
import program from './rolldown.config.js';

/** The engine of the fault tests, which has tools of theirs: built as the program is. */
export default defineConfig({
  ...program,
  input: {
    'engine.process': 'test/e2e/faults/support/engine.process.ts',
    'pglite.worker': program.input['pglite.worker'],
    'embedded-node.worker': program.input['embedded-node.worker'],
  },
  output: { ...program.output, dir: 'dist-faults' },
});
