import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { StreamLog } from '../log/stream-log.js';
import { append } from './append.js';
import { batchAppend } from './batch-append.js';
import type { Callers } from './callers.js';
import { softDelete, tombstone } from './delete.js';
import { read } from './read.js';

/** `event_store.client.streams.Streams`. */
export const streamsService = (log: StreamLog, callers: Callers): UntypedServiceImplementation => ({
  append: append(log, callers),
  batchAppend: batchAppend(log, callers),
  delete: softDelete(log, callers),
  read: read(log, callers),
  tombstone: tombstone(log, callers),
});
