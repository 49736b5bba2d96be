import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist',
      'dist-bench',
      'dist-planted',
      'dist-faults',
      'test/planted/first-failure.mjs',
      'data',
      'node_modules',
      '*.config.js',
      '*.cjs',
      'packages/**/*.mjs',
      'packages/console/vite.config.js',
      'test/run/*.mjs',
      'packages/console/src/api/schema.ts',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './packages/console/tsconfig.json'] } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'off', // Nest reads decorator metadata: classes are imported by value
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/cli.ts', 'src/main.ts', 'src/interfaces/cli/**', 'packages/*/src/main.ts', 'packages/*/bench/**', 'bench/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // A clock on the wall is set ahead and back: what it shows is no measure of how long something lasts.
    files: ['src/**', 'packages/*/src/**'],
    ignores: [
      'packages/console/**',
      'src/infrastructure/system/system-clock.ts',
      'src/infrastructure/notifications/secret-files.ts', // how old a file is
      'packages/event-store-node/src/log/stream-log.ts', // what an event is stamped with
      'packages/event-store-node/src/protocol/{deadline,gossip.service}.ts', // times of day in the protocol
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message: 'Measure how long something lasts with performance.now(); take the time of day from the Clock.',
        },
      ],
    },
  },
  {
    files: ['packages/console/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': ['error'] },
  },
  { files: ['test/**', 'packages/*/test/**'], rules: { '@typescript-eslint/no-floating-promises': 'error' } },
);
