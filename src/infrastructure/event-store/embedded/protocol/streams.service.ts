import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { EventLog } from '../log/event-log.js';
import { append } from './append.js';
import { batchAppend } from './batch-append.js';
import { softDelete, tombstone } from './delete.js';
import { read } from './read.js';

/** `event_store.client.streams.Streams`. */
export const streamsService = (log: EventLog): UntypedServiceImplementation => ({
  append: append(log),
  batchAppend: batchAppend(log),
  delete: softDelete(log),
  read: read(log),
  tombstone: tombstone(log),
});
