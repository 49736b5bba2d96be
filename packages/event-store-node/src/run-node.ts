import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ADMINS, OPERATORS, type User } from './access/users.js';
import { startEmbeddedNodeInWorker, type EmbeddedNodeOptions } from './embedded-node.js';

export interface NodeFlags {
  readonly host: string;
  readonly port: number;
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

async function tlsOf({ tlsCert, tlsKey }: NodeFlags): Promise<EmbeddedNodeOptions['tls']> {
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

/**
 * Runs a node until SIGINT or SIGTERM.
 * @param folder undefined: it keeps nothing, and the log is gone when it stops
 * @throws Error in one line, for flags that do not fit; what the node failed with
 */
export async function runNode(
  folder: string | undefined,
  flags: NodeFlags,
  say: (line: string) => void,
  warn: (line: string) => void,
): Promise<void> {
  const tls = await tlsOf(flags);
  const users = flags.users ? usersOf(process.env, warn) : undefined;
  if (users && !tls) warn('--users without TLS: passwords go over the network as they are.');
  const { host, port } = flags;
  const dataDir = folder ?? (await mkdtemp(path.join(tmpdir(), 'lifeos-event-store-')));
  const isVolatile = folder === undefined;
  try {
    const node = await startEmbeddedNodeInWorker({ dataDir, host, port, isVolatile, ...(tls && { tls }), ...(users && { users }) });
    say(`listening on ${node.connectionString}`);
    const signalled = new Promise<undefined>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
    });
    const failure = await Promise.race([signalled, node.failed]);
    await node.stop();
    if (failure) throw failure;
  } finally {
    if (isVolatile) await rm(dataDir, { recursive: true, force: true });
  }
}
