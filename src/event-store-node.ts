import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ADMINS,
  backUpLog,
  type EmbeddedNodeOptions,
  type LogSummary,
  OPERATORS,
  restoreLog,
  startEmbeddedNodeInWorker,
  type User,
  verifyLog,
} from '@lifeos/event-store-node';
import { keptFolders } from './infrastructure/backup/kept-folders.js';
import { refuseUnfinishedRestore } from './infrastructure/backup/restore.js';
import type { Configuration } from './infrastructure/config/environment.js';

/** Where the embedded event store keeps its log. */
export const eventStoreFolder = ({ dataDir }: Configuration): string => keptFolders(dataDir).eventStore;

export interface EventStoreOptions {
  readonly host: string;
  readonly port: number;
  /** Default: the folder of the embedded event store. */
  readonly data?: string;
  /** Keeps nothing: the log is gone when the node stops. */
  readonly memory?: boolean;
  /** Files in PEM. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Only `admin` and `ops` may use the node, with their passwords. */
  readonly users?: boolean;
}

const DEFAULT_PASSWORD = 'changeit';

async function pem(option: string, file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${option}: ${file} cannot be read (${error.code ?? error.message}).`, { cause: error });
  });
  if (!text.includes('-----BEGIN ')) throw new Error(`${option}: ${file} is not PEM.`);
  return text;
}

async function tlsOf({ tlsCert, tlsKey }: EventStoreOptions): Promise<EmbeddedNodeOptions['tls']> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw new Error('--tls-cert and --tls-key go together.');
  return { certificate: await pem('--tls-cert', tlsCert), key: await pem('--tls-key', tlsKey) };
}

function usersOf(environment: NodeJS.ProcessEnv, warn: (line: string) => void): readonly User[] {
  const userWith = (name: string, group: string, variable: string): User => {
    const password = environment[variable];
    if (!password) warn(`${variable} is not set: the password of "${name}" is "${DEFAULT_PASSWORD}".`);
    return { name, groups: [group], password: password || DEFAULT_PASSWORD };
  };
  return [userWith('admin', ADMINS, 'EVENTSTORE_ADMIN_PASSWORD'), userWith('ops', OPERATORS, 'EVENTSTORE_OPS_PASSWORD')];
}

/** Runs the embedded event store alone until SIGINT or SIGTERM. @throws Error in one line, for options that do not fit */
export async function runEventStore(
  configuration: Configuration,
  options: EventStoreOptions,
  say: (line: string) => void,
  warn: (line: string) => void,
): Promise<number> {
  if (options.memory && options.data !== undefined) throw new Error('--memory keeps nothing: leave out --data.');
  const tls = await tlsOf(options);
  const users = options.users ? usersOf(process.env, warn) : undefined;
  if (users && !tls) warn('--users without TLS: passwords go over the network as they are.');
  const { host, port } = options;
  if (!options.memory && options.data === undefined) refuseUnfinishedRestore(configuration.dataDir);
  const dataDir = options.memory ? await mkdtemp(path.join(tmpdir(), 'lifeos-event-store-')) : folderOf(configuration, options.data);
  try {
    const node = await startEmbeddedNodeInWorker({
      dataDir,
      host,
      port,
      ...(tls && { tls }),
      ...(users && { users }),
      ...(options.memory && { isVolatile: true }),
    });
    say(`listening on ${node.connectionString}`);
    const signalled = new Promise<undefined>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
    });
    const failure = await Promise.race([signalled, node.failed]);
    await node.stop();
    if (failure) throw failure;
    return 0;
  } finally {
    if (options.memory) await rm(dataDir, { recursive: true, force: true });
  }
}

const folderOf = (configuration: Configuration, data: string | undefined): string => data ?? eventStoreFolder(configuration);

const describeLog = ({ events, streams, end }: LogSummary): string => `${events} events in ${streams} streams, up to position ${end}`;

/** Reads a whole log and its indexes; no node may run on it. @throws Error in one line */
export async function verifyEventStore(configuration: Configuration, data: string | undefined, say: (line: string) => void): Promise<void> {
  say(`The log is whole: ${describeLog(await verifyLog(folderOf(configuration, data)))}.`);
}

/** Writes a log to a file, while a node runs on it or not. @throws Error in one line */
export async function backUpEventStore(
  configuration: Configuration,
  file: string,
  data: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  await backUpLog(folderOf(configuration, data), file);
  say(`Backed up to ${file}.`);
}

/** Makes a log from a backup. @throws Error in one line */
export async function restoreEventStore(
  configuration: Configuration,
  file: string,
  data: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  say(`Restored ${describeLog(await restoreLog(file, folderOf(configuration, data)))}.`);
}
