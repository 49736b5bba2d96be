import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../../application/message-of.js';
import type { Logger } from '../../../application/ports/logger.js';

/** Opens an embedded database. A folder that was there and does not open is moved aside, and a new one is opened: its rows come back from the log. @throws what `open` throws of a new folder */
export async function openOrAfresh<T>(folder: string, logger: Pick<Logger, 'warn'>, open: () => Promise<T>): Promise<T> {
  const isNew = !existsSync(folder);
  try {
    return await open();
  } catch (error) {
    if (isNew) throw error;
    const aside = `${folder}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
    await rename(folder, aside);
    const reason = messageOf(error);
    logger.warn(
      `The embedded database did not open (${reason}). It was moved aside to ${path.basename(aside)}; the read models are rebuilt from the log.`,
    );
    return open();
  }
}
