import { backUp as backUpData } from './infrastructure/backup/backup.js';
import type { Manifest } from './infrastructure/backup/manifest.js';
import { restore as restoreData } from './infrastructure/backup/restore.js';
import type { Configuration } from './infrastructure/config/environment.js';

/** A part of the data alone would not fit the rest: the outbox belongs to exactly one state of the log. */
function mustBeEmbedded({ eventStoreUrl }: Configuration, command: string): void {
  if (eventStoreUrl === undefined) return;
  throw new Error(
    `${command} is for the embedded event store, and EVENTSTORE_URL names a server: use the server's own backup first, then copy outbox/ of LIFEOS_DATA_DIR.`,
  );
}

const describe = ({ log: { events, streams, end }, outboxEntries }: Manifest): string =>
  `${events} events in ${streams} streams, up to position ${end}, and ${outboxEntries} outbox entries`;

/** Backs up what cannot be made anew, while an engine runs or not. @throws Error in one line */
export async function backUp(configuration: Configuration, folder: string, say: (line: string) => void): Promise<void> {
  mustBeEmbedded(configuration, 'lifeos backup');
  say(`Backed up ${describe(await backUpData(configuration.dataDir, folder))} to ${folder}.`);
}

/** Fills an empty data folder from a backup. @throws Error in one line */
export async function restore(configuration: Configuration, folder: string, say: (line: string) => void): Promise<void> {
  mustBeEmbedded(configuration, 'lifeos restore');
  const { dataDir } = configuration;
  say(`Restored ${describe(await restoreData(folder, dataDir))} to ${dataDir}. The read models are made anew at the next start.`);
}
