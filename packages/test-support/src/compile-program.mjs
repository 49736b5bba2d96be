import path from 'node:path';
import { build } from 'rolldown';
import program from '../../../rolldown.config.js';

// For program.ts: `src/…` is the engine's source, packages are the repository's.
const [input, file] = process.argv.slice(2);
await build({
  input,
  platform: 'node',
  tsconfig: path.resolve('tsconfig.build.json'),
  external: program.external,
  onLog: program.onLog,
  resolve: { alias: { src: path.resolve('src') }, modules: [path.resolve('node_modules')] },
  output: { file, keepNames: true, codeSplitting: false },
});
