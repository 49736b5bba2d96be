import type { FolderUse } from '@lifeos/event-store-node/command';
import { keptFolders } from './infrastructure/backup/kept-folders.js';
import { refuseUnfinishedRestore } from './infrastructure/backup/restore.js';
import type { Configuration } from './infrastructure/config/environment.js';

/** Where the embedded event store keeps its log. */
export const eventStoreFolder = ({ dataDir }: Configuration): string => keptFolders(dataDir).eventStore;

/** The same for the node alone. @throws Error in one line, where half of the data must not pass for all of it */
export function folderOfNodeAlone(configuration: Configuration, use: FolderUse): string {
  if (use === 'run') refuseUnfinishedRestore(configuration.dataDir);
  return eventStoreFolder(configuration);
}
