import grpc from '@grpc/grpc-js';
import { InvalidPositionError, StreamDeletedError } from '../log/log.errors.js';

/** A refusal as gRPC carries it: a status, and trailers that the client turns into its own errors. */
export function refusal(code: grpc.status, details: string, trailers: Readonly<Record<string, string>> = {}): grpc.ServiceError {
  const metadata = new grpc.Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, escaped(value));
  return Object.assign(new Error(details), { code, details, metadata });
}

/** Trailers are printable ASCII: a name that is not is percent-encoded. The server this one follows falls over its own trailer there. */
const escaped = (value: string): string => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(Buffer.from(value).toString()));

/** What the server it follows answers to a request it did not expect. */
export const unexpected = (): grpc.ServiceError => refusal(grpc.status.UNKNOWN, 'Exception was thrown by handler.');

/** Nothing is written to such a stream: the server this one follows answers UNKNOWN to the one name, and stops at the other. */
export const unwritable = (): grpc.ServiceError => invalid("A stream to write to needs a name, and '$$' is none.");

export const invalid = (details: string): grpc.ServiceError => refusal(grpc.status.INVALID_ARGUMENT, details);

export const streamDeleted = (stream: string): grpc.ServiceError =>
  refusal(grpc.status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    ...(stream.trim() === stream && { 'stream-name': stream }),
  });

/** Any error as an answer. What the log cannot do any more is UNAVAILABLE: the client may try another node, or later. */
export function asRefusal(error: unknown): grpc.ServiceError {
  if (error instanceof StreamDeletedError) return streamDeleted(error.stream);
  if (error instanceof InvalidPositionError) return refusal(grpc.status.UNKNOWN, 'Unexpected ReadAllResult: Error');
  if (error instanceof Error && 'code' in error && 'metadata' in error) return error as grpc.ServiceError;
  return refusal(grpc.status.UNAVAILABLE, error instanceof Error ? error.message : String(error));
}
