import { InvalidArgumentError, type Command } from 'commander';
import type { LogSummary } from './log/verify-log.js';
import type { NodeFlags } from './run-node.js';

// Loaded only by the commands that need it: it takes a second.
const theNode = () => import('./run-node.js');
const theMaintenance = () => import('./maintenance.js');

/** What a folder is wanted for: to run a node on it, or to read, copy or fill its log. */
export type FolderUse = 'run' | 'maintenance';

export interface NodeCommandSettings {
  /** Where the log is if no `--data` says so. @throws Error in one line, where it may not be used so */
  readonly defaultFolder: (use: FolderUse) => string | Promise<string>;
  /** The same in the words of the help. */
  readonly defaultFolderText: string;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
}

interface DataFlag {
  readonly data?: string;
}

const port = (text: string): number => {
  if (!/^[0-9]+$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('it takes a whole number from 0 to 65535.');
  return Number(text);
};

const describeLog = ({ events, streams, end }: LogSummary): string => `${events} events in ${streams} streams, up to position ${end}`;

/** Makes a command run a node alone until SIGINT or SIGTERM, with commands below it for the log. They throw errors in one line. */
export function defineNodeCommand(node: Command, { defaultFolder, defaultFolderText, say, warn }: NodeCommandSettings): void {
  node
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port, 0 for any free one', port, 2113)
    .option('--data <folder>', `where it keeps its log (default: ${defaultFolderText})`)
    .option('--memory', 'keep nothing: the log is gone when it stops')
    .option('--tls-cert <file>', 'serve TLS only: certificate in PEM')
    .option('--tls-key <file>', 'serve TLS only: its key in PEM')
    .option('--users', 'only "admin" and "ops" may use it (EVENTSTORE_ADMIN_PASSWORD, EVENTSTORE_OPS_PASSWORD)')
    .action(async (flags: NodeFlags & DataFlag & { readonly memory?: boolean }) => {
      const { data, memory } = flags;
      if (memory && data !== undefined) throw new Error('--memory keeps nothing: leave out --data.');
      const folder = memory ? undefined : (data ?? (await defaultFolder('run')));
      await (await theNode()).runNode(folder, flags, say, warn);
    });

  const FOLDER = ['--data <folder>', `where the log is (default: ${defaultFolderText})`] as const;
  /** `--data` may stand before the command's name or after it. */
  const folderOf = async ({ data }: DataFlag): Promise<string> =>
    data ?? node.opts<DataFlag>().data ?? (await defaultFolder('maintenance'));

  node
    .command('verify')
    .description('read the whole log and its indexes, while no node runs on it')
    .option(...FOLDER)
    .action(async (flags: DataFlag) => {
      const folder = await folderOf(flags);
      const { verifyLog } = await theMaintenance();
      say(`The log is whole: ${describeLog(await verifyLog(folder))}.`);
    });

  node
    .command('backup')
    .description('write the log to a new file; a node may run on it')
    .argument('<file>', 'the file')
    .option(...FOLDER)
    .action(async (file: string, flags: DataFlag) => {
      const folder = await folderOf(flags);
      const { backUpLog } = await theMaintenance();
      await backUpLog(folder, file);
      say(`Backed up to ${file}.`);
    });

  node
    .command('restore')
    .description('make the log of an empty folder from a backup')
    .argument('<file>', 'the backup')
    .option(...FOLDER)
    .action(async (file: string, flags: DataFlag) => {
      const folder = await folderOf(flags);
      const { restoreLog } = await theMaintenance();
      say(`Restored ${describeLog(await restoreLog(file, folder))}.`);
    });
}
