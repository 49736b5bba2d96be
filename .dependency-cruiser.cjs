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
    { name: 'only-the-root-composes', severity: 'error', from: { path: '^src/', pathNot: compositionRoot }, to: { path: compositionRoot } },
    {
      name: 'log-knows-no-grpc',
      severity: 'error',
      from: { path: '^src/infrastructure/event-store/embedded/log' },
      to: { path: '@grpc|@eventstore|embedded/protocol' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
