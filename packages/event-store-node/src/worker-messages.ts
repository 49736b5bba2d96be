import { DataFolderInUseError } from '@lifeos/data-folder';
import { CorruptLogError } from './log/log.errors.js';

/** What the thread of a node says to the thread that started it. */
export type NodeMessage = { readonly kind: 'started'; readonly connectionString: string; readonly port: number } | FailedMessage;

interface FailedMessage {
  readonly kind: 'failed';
  readonly name: string;
  readonly message: string;
  readonly folder?: { readonly path: string; readonly pid: number };
}

export function failure(error: unknown): FailedMessage {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return {
    kind: 'failed',
    name,
    message,
    ...(error instanceof DataFolderInUseError && { folder: { path: error.folder, pid: error.pid } }),
  };
}

/** The error on this side, of the class it had on the other. */
export function errorFrom({ name, message, folder }: FailedMessage): Error {
  if (folder) return new DataFolderInUseError(folder.path, folder.pid);
  return name === 'CorruptLogError' ? new CorruptLogError(message) : Object.assign(new Error(message), { name });
}
