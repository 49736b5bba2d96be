import path from 'node:path';

/** The parts of a data folder that nothing else can bring back; they have the same names in a backup. */
export interface KeptFolders {
  readonly eventStore: string;
  readonly outbox: string;
}

export const keptFolders = (folder: string): KeptFolders => ({
  eventStore: path.join(folder, 'event-store'),
  outbox: path.join(folder, 'outbox'),
});
