import type grpc from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { parseUnsigned } from './identifiers.js';
import { unexpected } from './refusal.js';

/** A call of `Streams.Read`, for reads and subscriptions alike. */
export type ReadCall = grpc.ServerWritableStream<ReadReq, ReadResp>;

/** @throws UNKNOWN for numbers that are no position. */
export function parsedPosition(position: ReadReq.Options.Position): { readonly commit: number | 'end' } {
  const commit = parsed(position.getCommitPosition());
  const prepare = parsed(position.getPreparePosition());
  if ((commit === 'end') !== (prepare === 'end') || (typeof commit === 'number' && typeof prepare === 'number' && prepare > commit))
    throw unexpected();
  return { commit };
}

/** @throws UNKNOWN beyond the signed 64-bit range. */
export function parsed(decimal: string): number | 'end' {
  try {
    return parseUnsigned(decimal);
  } catch {
    throw unexpected();
  }
}
