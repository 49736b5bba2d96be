import path from 'node:path';

/** The file that keeps a node's folder to it. */
export const lockFile = (dataDir: string): string => path.join(dataDir, 'node.lock');
