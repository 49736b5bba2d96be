import { defineConfig } from 'rolldown';
import program from './rolldown.config.js';

/** The benchmarks, with the engine that they measure: built as the program is. */
export default defineConfig({
  ...program,
  // It brings files of its own; only the console's measurements need it.
  external: (id) => id === 'playwright-core' || program.external(id),
  input: {
    main: 'bench/main.ts',
    'engine.process': 'bench/engine.process.ts',
    'embedded-node.worker': program.input['embedded-node.worker'],
    'pglite.worker': program.input['pglite.worker'],
  },
  output: { ...program.output, dir: 'dist-bench' },
});
