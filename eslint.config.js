import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'dist-bench', 'data', 'node_modules', '*.config.js', '*.cjs', 'packages/**/*.mjs', 'test/run/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
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
  { files: ['test/**', 'packages/*/test/**'], rules: { '@typescript-eslint/no-floating-promises': 'error' } },
);
