import { InvalidArgumentError, type Command } from 'commander';
import { launcherGone } from '../launcher.js';
import { stopSignal } from '../stop-signal.js';
import { Cluster } from './cluster.js';

/** Most nodes: each is a process with a pool of connections to the database. */
const MAX_NODES = 9;

/** What the command needs of the configuration. */
export interface ClusterConfiguration {
  readonly port: number;
  readonly dataDir: string;
  readonly eventStoreUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly shutdownGraceMs: number;
}

/** How long the end may take beyond the grace period of running steps, in milliseconds: longer than a node takes to end itself. */
const SLACK_MS = 15_000;

const nodesArgument = (text: string): number => {
  if (!/^[1-9]$/.test(text)) throw new InvalidArgumentError(`it takes a whole number from 1 to ${MAX_NODES}.`);
  return Number(text);
};

async function runCluster(nodes: number, configuration: ClusterConfiguration, say: (line: string) => void): Promise<void> {
  const { port, dataDir, eventStoreUrl, databaseUrl, shutdownGraceMs } = configuration;
  if (port === 0 || port + nodes - 1 > 65_535) throw new Error('PORT takes the port of the first node; the others have those that follow.');
  const signalled = Promise.race([stopSignal(), launcherGone()]).then(() => undefined);
  const cluster = new Cluster({ nodes, firstPort: port, dataDir, eventStoreUrl, databaseUrl, environment: process.env, say });
  let failure: Error | undefined;
  try {
    const works = cluster.start().then(() => cluster.failed());
    failure = await Promise.race([signalled, works]);
    works.catch(() => undefined);
  } catch (error) {
    failure = error as Error;
  }
  // A second signal means: now.
  void stopSignal().then(() => cluster.kill());
  const hard = setTimeout(() => cluster.kill(), shutdownGraceMs + SLACK_MS);
  await cluster.stop();
  clearTimeout(hard);
  if (failure) throw failure;
}

/** Adds `lifeos cluster`. */
export function defineClusterCommand(program: Command, configuration: () => ClusterConfiguration, say: (line: string) => void): void {
  program
    .command('cluster')
    .description('run several engines on this machine over one event store and one database (embedded, or DATABASE_URL)')
    .argument('<nodes>', `how many, from 1 to ${MAX_NODES}: the first on PORT, the others on the ports that follow`, nodesArgument)
    .action(async (nodes: number) => runCluster(nodes, configuration(), say));
}
