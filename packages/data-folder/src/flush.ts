import { open } from 'node:fs/promises';

async function flush(place: string, flags: string): Promise<void> {
  const handle = await open(place, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The file's content is on disk, whatever happens to the machine. */
export const flushFile = (file: string): Promise<void> => flush(file, 'r+');

/** What was made, renamed or removed in the folder is on disk. */
export async function flushFolder(folder: string): Promise<void> {
  // Windows refuses to open folders; its file system journals the rename by itself.
  if (process.platform !== 'win32') await flush(folder, 'r');
}
