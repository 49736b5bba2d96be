import grpc from '@grpc/grpc-js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { DeleteReq, DeleteResp, TombstoneReq, TombstoneResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expectation } from '../log/append-decision.js';
import type { AppendOutcome, StreamLog } from '../log/stream-log.js';
import { mustPermit, type Caller, type Callers } from './callers.js';
import { streamName } from './identifiers.js';
import { expectedRevision, isWritable } from './proposed-events.js';
import { asRefusal, invalid, refusal, streamDeleted, unexpected, unwritable } from './refusal.js';

/** Expectations as numbers, as the server's trailers tell them. */
const AS_NUMBER = { no_stream: -1, any: -2, stream_exists: -4 } as const;

type Options = DeleteReq.Options | TombstoneReq.Options;

function expectedOf(options: Options): Expectation {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  if (!options.hasRevision()) throw invalid("'None' is not a valid ExpectedStreamRevisionOneofCase");
  try {
    return expectedRevision(options.getRevision());
  } catch {
    throw unexpected();
  }
}

async function remove(
  caller: Caller,
  options: Options | undefined,
  run: (stream: string, expected: Expectation) => Promise<AppendOutcome>,
): Promise<string> {
  const identifier = options?.getStreamIdentifier();
  if (!options || !identifier) throw unexpected();
  const stream = streamName(identifier);
  const expected = expectedOf(options);
  if (!isWritable(stream)) throw unwritable();
  mustPermit(caller, 'delete', stream);
  const result = await run(stream, expected);
  switch (result.kind) {
    case 'written':
      return String(result.position);
    case 'stream-deleted':
      throw streamDeleted(stream);
    case 'wrong-expected-version': {
      const number = typeof expected === 'number' ? options.getRevision() : AS_NUMBER[expected];
      throw refusal(
        grpc.status.FAILED_PRECONDITION,
        `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${number}, Actual version: ${result.current}`,
        {
          exception: 'wrong-expected-version',
          'stream-name': stream,
          'expected-version': String(number),
          'actual-version': String(result.current),
        },
      );
    }
  }
}

/** `Streams.Delete`: hides the events of a stream. */
export const softDelete =
  (log: StreamLog, callers: Callers) =>
  (call: grpc.ServerUnaryCall<DeleteReq, DeleteResp>, respond: grpc.sendUnaryData<DeleteResp>): void => {
    void remove(callers(call.metadata), call.request.getOptions(), (stream, expected) => log.delete(stream, expected)).then(
      (place) => {
        const position = new streamsPb.DeleteResp.Position();
        position.setCommitPosition(place);
        position.setPreparePosition(place);
        respond(null, new streamsPb.DeleteResp().setPosition(position));
      },
      (error: unknown) => respond(asRefusal(error)),
    );
  };

/** `Streams.Tombstone`: ends a stream for good. */
export const tombstone =
  (log: StreamLog, callers: Callers) =>
  (call: grpc.ServerUnaryCall<TombstoneReq, TombstoneResp>, respond: grpc.sendUnaryData<TombstoneResp>): void => {
    void remove(callers(call.metadata), call.request.getOptions(), (stream, expected) => log.tombstone(stream, expected)).then(
      (place) => {
        const position = new streamsPb.TombstoneResp.Position();
        position.setCommitPosition(place);
        position.setPreparePosition(place);
        respond(null, new streamsPb.TombstoneResp().setPosition(position));
      },
      (error: unknown) => respond(asRefusal(error)),
    );
  };
