export { flushFile, flushFolder } from './flush.js';
export { DataFolderInUseError, FolderLock, publishedUrl, reserveInProcess } from './folder-lock.js';
