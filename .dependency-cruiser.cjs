/** Who may import whom: interfaces → application → domain ← infrastructure. See ARCHITECTURE.md. */
const compositionRoot = '^src/(main|cli|app\\.module|engine|event-store-node|backup)\\.ts$';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'domain-is-pure', severity: 'error', from: { path: '^src/domain' }, to: { pathNot: '^src/domain' } },
    {
      name: 'application-knows-no-edges',
      severity: 'error',
      from: { path: '^src/application' },
      to: { path: '^src/(infrastructure|interfaces)' },
    },
    {
      name: 'infrastructure-knows-no-interface',
      severity: 'error',
      from: { path: '^src/infrastructure' },
      to: { path: '^src/interfaces' },
    },
    {
      name: 'interface-knows-no-infrastructure',
      severity: 'error',
      from: { path: '^src/interfaces' },
      to: { path: '^src/infrastructure' },
    },
    {
      name: 'packages-by-their-entry',
      comment: 'what a package exports is its public API',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^packages/', pathNot: '^packages/[^/]+/src/(index|command)\\.ts$' },
    },
    { name: 'packages-know-no-engine', severity: 'error', from: { path: '^packages/' }, to: { path: '^(src|test)/' } },
    {
      name: 'only-infrastructure-needs-packages',
      severity: 'error',
      from: { path: '^src/(domain|application|interfaces)' },
      to: { path: '^packages/' },
    },
    {
      name: 'console-knows-the-api-only',
      comment: 'it is a client like any other: what it knows of the engine is the document of its API',
      severity: 'error',
      from: { path: '^packages/console/' },
      to: { path: '^packages/(?!console/)' },
    },
    {
      name: 'pages-know-no-other-page',
      severity: 'error',
      from: { path: '^packages/console/src/pages/([^/]+)/' },
      to: { path: '^packages/console/src/pages/', pathNot: '^packages/console/src/pages/$1/' },
    },
    { name: 'only-the-root-composes', severity: 'error', from: { path: '^src/', pathNot: compositionRoot }, to: { path: compositionRoot } },
    {
      name: 'log-knows-no-grpc',
      severity: 'error',
      from: { path: '^packages/event-store-node/src/log' },
      to: { path: '@grpc|@eventstore|^packages/event-store-node/src/protocol' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
