import path from 'node:path';
import { build } from 'rolldown';

// For program.ts: `src/…` is the engine's source, packages are the repository's.
const [input, file] = process.argv.slice(2);
await build({
  input,
  platform: 'node',
  tsconfig: path.resolve('tsconfig.build.json'),
  resolve: { alias: { src: path.resolve('src') }, modules: [path.resolve('node_modules')] },
  output: { file },
});
