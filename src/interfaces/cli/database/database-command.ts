import type { Command } from 'commander';
import { portArgument } from '../arguments.js';
import { launcherGone } from '../launcher.js';
import { stopSignal } from '../stop-signal.js';

/** The embedded database while several engines may use it. */
export interface ServedDatabase {
  readonly url: string;
  /** Resolves with the reason if it ends by itself. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/** Adds `lifeos database`. @param serve starts it on a port, 0 for any free one */
export function defineDatabaseCommand(
  program: Command,
  serve: (port: number) => Promise<ServedDatabase>,
  say: (line: string) => void,
): void {
  program
    .command('database')
    .description('serve the embedded database of LIFEOS_DATA_DIR to several engines of this machine: it has no authentication')
    .option('--port <number>', 'port, 0 for any free one', portArgument, 0)
    .action(async ({ port }: { readonly port: number }) => {
      const stopped = Promise.race([stopSignal(), launcherGone()]).then(() => undefined);
      const database = await serve(port);
      say(`listening on ${database.url}`);
      const failure = await Promise.race([stopped, database.failed]);
      if (failure) throw failure;
      await database.stop();
    });
}
