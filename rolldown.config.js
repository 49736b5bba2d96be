import { defineConfig } from 'rolldown';

/** Packages that bring files along (native code, WebAssembly, web pages): they stay in node_modules. */
const WITH_FILES = ['lmdb', '@electric-sql/pglite', 'swagger-ui-dist'];

/**
 * The programs in a few files: Node takes three times as long to find and compile the thousands of modules of its dependencies one by one.
 * What runs in a thread or process of its own is an entry, found beside the file that starts it.
 * `bin/lifeos.mjs` clears the folder before, but for the console, which is built apart.
 */
export default defineConfig({
  input: {
    cli: 'src/cli.ts',
    'event-store-node': 'packages/event-store-node/src/main.ts',
    'embedded-node.worker': 'packages/event-store-node/src/embedded-node.worker.ts',
    'pglite.worker': 'src/infrastructure/read-models/database/pglite.worker.ts',
    'empty-database.build': 'src/infrastructure/read-models/database/empty-database.build.ts',
  },
  platform: 'node',
  tsconfig: 'tsconfig.build.json',
  external: (id) => WITH_FILES.some((name) => id === name || id.startsWith(`${name}/`)),
  output: { dir: 'dist', format: 'esm', chunkFileNames: '[name]-[hash].js', sourcemap: true, keepNames: true },
  // Nest looks for packages that it can do without, when they are asked for.
  onLog(level, log, report) {
    if (log.code !== 'UNRESOLVED_IMPORT' || !log.id?.includes('node_modules')) report(level, log);
  },
});
