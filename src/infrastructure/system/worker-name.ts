import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** A name for this process that no other, before or after, on any machine, has. */
export const newWorkerName = (): string => `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
