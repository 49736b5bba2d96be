import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));
delete swc.$schema;

/** @type {import('jest').Config} */
export default {
  rootDir: '.',
  roots: ['<rootDir>/test', '<rootDir>/packages'],
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, sourceMaps: 'inline' }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // Above every wait for a condition, so that a wait which fails says what it waited for.
  testTimeout: 120_000,
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/run/folder.setup.mjs',
  globalTeardown: '<rootDir>/test/run/folder.teardown.mjs',
  testSequencer: '<rootDir>/test/run/slow-first.mjs',
};
