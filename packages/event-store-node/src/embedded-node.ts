import grpc from '@grpc/grpc-js';
import { DataFolderInUseError, FolderLock, publishedUrl, reserveInProcess } from '@lifeos/data-folder';
import { startInThread, type ThrownError } from '@lifeos/hosted-thread';
import { Users, type User } from './access/users.js';
import { lockFile } from './lock-file.js';
import { StreamLog } from './log/stream-log.js';
import { CorruptLogError } from './log/log.errors.js';
import { ConsumerGroups } from './persistent-subscriptions/consumer-groups.js';
import { authenticating, callersAmong, openToAll } from './protocol/callers.js';
import { addServices } from './protocol/services.js';

/** The esdb:// address of the node that another live process runs on the folder; undefined where there is none. */
export const runningNodeUrl = (dataDir: string): Promise<string | undefined> => publishedUrl(lockFile(dataDir));

export interface EmbeddedNodeOptions {
  /** Made if it does not exist. */
  readonly dataDir: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Nothing is flushed: for logs that need not outlive the node. */
  readonly isVolatile?: boolean;
  /** Serves TLS only: certificate and key, as PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Who may use the node; undefined: everybody, for everything. */
  readonly users?: readonly User[];
  /** After so long a client is asked whether it is there, and has so long for its answer, in milliseconds. */
  readonly pingAfterMs?: number;
  readonly pingTimeoutMs?: number;
}

export interface EmbeddedNode {
  readonly connectionString: string;
  readonly port: number;
  /** Resolves with the reason if the node fails by itself: it takes no more writes. */
  readonly failed: Promise<Error>;
  /** Ends all connections, finishes the writes under way and closes the files. */
  stop(): Promise<void>;
}

/** A node in the calling thread: what it keeps can be used without its protocol, beside those who use it over that. */
export interface LocalNode extends EmbeddedNode {
  readonly log: StreamLog;
  readonly groups: ConsumerGroups;
}

/** The client receives up to 17 MiB; it pings every 10 s, also when nothing is under way. */
const SERVER_OPTIONS: grpc.ServerOptions = {
  'grpc.max_receive_message_length': 17 * 1024 * 1024,
  'grpc.max_send_message_length': -1,
  'grpc-node.max_session_memory': Number.MAX_SAFE_INTEGER,
};

/**
 * As a real server does by default. A client that is stopped, or whose machine has gone, keeps its connection, for the kernel or nobody answers: only a ping tells that nothing it was given
 * will be settled, and that others are to have it.
 */
const PING_AFTER_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;

/**
 * Starts a node in the calling thread.
 *
 * @throws DataFolderInUseError when another node has the folder
 * @throws CorruptLogError when the folder holds no whole log
 */
export async function startEmbeddedNode({
  dataDir,
  host = '127.0.0.1',
  port = 0,
  tls,
  users: known,
  isVolatile = false,
  pingAfterMs = PING_AFTER_MS,
  pingTimeoutMs = PING_TIMEOUT_MS,
}: EmbeddedNodeOptions): Promise<LocalNode> {
  const lock = await FolderLock.take(lockFile(dataDir));
  let log: StreamLog | undefined;
  try {
    log = StreamLog.open({ dataDir, isVolatile });
    const groups = await ConsumerGroups.start(log);
    const users = known && new Users(known);
    const pings = { 'grpc.keepalive_time_ms': pingAfterMs, 'grpc.keepalive_timeout_ms': pingTimeoutMs };
    const server = new grpc.Server({ ...SERVER_OPTIONS, ...pings, ...(users && { interceptors: [authenticating(users)] }) });
    const callers = users ? callersAmong(users, log) : openToAll;
    let bound = port;
    addServices(server, log, groups, callers, host, () => bound);
    bound = await listen(server, `${host}:${port}`, tls);
    const connectionString = `esdb://${host}:${bound}?tls=${tls !== undefined}`;
    lock.publish(connectionString);
    let stopping: Promise<void> | undefined;
    const stop = async (open: StreamLog): Promise<void> => {
      server.forceShutdown();
      await groups.end();
      await open.close();
      lock.release();
    };
    const open = log;
    return { connectionString, port: bound, failed: log.failed, log, groups, stop: () => (stopping ??= stop(open)) };
  } catch (error) {
    await log?.close();
    lock.release();
    throw error;
  }
}

/**
 * Starts a node in a thread of its own, so that its work and the caller's do not wait for each other. Only from the
 * compiled program: the thread loads the file beside this one.
 *
 * @throws as `startEmbeddedNode`
 */
export async function startEmbeddedNodeInWorker(options: EmbeddedNodeOptions): Promise<EmbeddedNode> {
  const giveBack = reserveInProcess(lockFile(options.dataDir));
  try {
    const program = new URL('./embedded-node.worker.js', import.meta.url);
    const thread = await startInThread<Pick<EmbeddedNode, 'connectionString' | 'port'>>({ program, options, errorFrom });
    const stop = (): Promise<void> => thread.stop().finally(giveBack);
    return { ...thread.started, failed: thread.failed, stop };
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** The error on this side, of the class it had in the thread. */
function errorFrom({ name, message, details }: ThrownError): Error {
  if (name === 'DataFolderInUseError') return new DataFolderInUseError(String(details['folder']), Number(details['pid']));
  return name === 'CorruptLogError' ? new CorruptLogError(message) : Object.assign(new Error(message), { name });
}

const credentialsOf = (tls: EmbeddedNodeOptions['tls']): grpc.ServerCredentials =>
  tls
    ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) }])
    : grpc.ServerCredentials.createInsecure();

const listen = (server: grpc.Server, address: string, tls: EmbeddedNodeOptions['tls']): Promise<number> =>
  new Promise((resolve, reject) => server.bindAsync(address, credentialsOf(tls), (error, port) => (error ? reject(error) : resolve(port))));
