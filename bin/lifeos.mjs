#!/usr/bin/env node
// Runs the `lifeos` program; from a source checkout it builds it first where the sources are newer than the last build, and the console likewise.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const consoleSources = path.join(root, 'packages', 'console');

const program = {
  stamp: path.join(dist, '.built'),
  inputs: ['src', 'packages', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'rolldown.config.js'],
  clear: () => {
    for (const name of existsSync(dist) ? readdirSync(dist) : []) {
      if (name !== 'console') rmSync(path.join(dist, name), { recursive: true, force: true });
    }
  },
  steps: [
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmit'],
    ['node_modules/rolldown/bin/cli.mjs', '--config', 'rolldown.config.js', '--logLevel', 'warn'],
    ['dist/empty-database.build.js'],
  ],
};
const webConsole = {
  stamp: path.join(dist, 'console', '.built'),
  inputs: ['src', 'index.html', 'vite.config.js', 'package.json'].map((name) => path.join('packages', 'console', name)),
  clear: () => undefined,
  steps: [
    ['node_modules/vite/bin/vite.js', 'build', 'packages/console', '--config', 'packages/console/vite.config.js', '--logLevel', 'warn'],
  ],
};

function newest(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const names = readdirSync(file).filter((name) => name !== 'node_modules' && path.join(file, name) !== consoleSources);
  return Math.max(stat.mtimeMs, ...names.map((name) => newest(path.join(file, name))));
}

function bringUpToDate({ stamp, inputs, clear, steps }) {
  const builtAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Math.max(...inputs.map((name) => newest(path.join(root, name)))) <= builtAt) return;
  const startedAt = new Date();
  clear();
  for (const [file, ...args] of steps) {
    const step = spawnSync(process.execPath, [path.join(root, file), ...args], { cwd: root, encoding: 'utf8' });
    if (step.status !== 0) {
      process.stderr.write(`${step.stdout}${step.stderr}\nlifeos: the build failed\n`);
      process.exit(1);
    }
  }
  writeFileSync(stamp, `${startedAt.toISOString()}\n`);
}

if (existsSync(path.join(root, 'src'))) {
  bringUpToDate(program);
  // An installation without development tools has no builder: the engine then greets people with its start page.
  const isInstalled = (name) => [root, consoleSources].some((folder) => existsSync(path.join(folder, 'node_modules', name)));
  if (existsSync(path.join(root, 'node_modules', 'vite')) && isInstalled('@vitejs/plugin-react')) bringUpToDate(webConsole);
}
if (process.argv[2] !== 'build') await import(pathToFileURL(path.join(dist, 'cli.js')).href);
