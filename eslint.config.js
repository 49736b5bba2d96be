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
    files: ['packages/console/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': ['error'] },
  },
  { files: ['test/**', 'packages/*/test/**'], rules: { '@typescript-eslint/no-floating-promises': 'error' } },
);
