import grpc from '@grpc/grpc-js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expectation } from '../log/append-decision.js';
import type { AppendOutcome, StreamLog } from '../log/stream-log.js';
import type { ProposedEvent } from '../log/event-record.js';
import { mustPermit, type Caller, type Callers } from './callers.js';
import { LARGEST_ULONG_TEXT, revisionText, streamName } from './identifiers.js';
import {
  expectedRevision,
  isTooLarge,
  isWritable,
  MAX_APPEND_SIZE,
  MissingMetadataError,
  proposedEvent,
  sizeOf,
} from './proposed-events.js';
import { withLargestRevision } from './legacy-revision.js';
import { asRefusal, invalid, refusal, streamDeleted, unexpected, unwritable } from './refusal.js';

/** The first message says where, the others what. */
class AppendInput {
  private target: { stream: string; expected: Expectation; options: AppendReq.Options } | undefined;
  private readonly events: ProposedEvent[] = [];
  private size = 0;

  constructor(private readonly caller: Caller) {}

  take(request: AppendReq): void {
    const message = request.getProposedMessage();
    if (!this.target) this.target = this.begin(request.getOptions());
    else if (message) this.add(message);
    else throw unexpected();
  }

  finish(): { stream: string; expected: Expectation; options: AppendReq.Options; events: readonly ProposedEvent[] } {
    if (!this.target) throw unexpected();
    return { ...this.target, events: this.events };
  }

  private begin(options: AppendReq.Options | undefined) {
    const identifier = options?.getStreamIdentifier();
    if (!options || !identifier) throw unexpected();
    const stream = streamName(identifier);
    if (!isWritable(stream)) throw unwritable();
    mustPermit(this.caller, 'write', stream);
    return { stream, expected: expectedOf(options), options };
  }

  private add(message: AppendReq.ProposedMessage): void {
    let event: ProposedEvent;
    try {
      event = proposedEvent(message);
    } catch (error) {
      throw error instanceof MissingMetadataError ? missingMetadata(error) : unexpected();
    }
    this.size += sizeOf(event);
    this.events.push(event);
    if (isTooLarge(this.size, this.events.length)) throw tooLarge();
  }
}

function expectedOf(options: AppendReq.Options): Expectation {
  const { ExpectedStreamRevisionCase: Case } = streamsPb.AppendReq.Options;
  switch (options.getExpectedStreamRevisionCase()) {
    case Case.ANY:
      return 'any';
    case Case.NO_STREAM:
      return 'no_stream';
    case Case.STREAM_EXISTS:
      return 'stream_exists';
    case Case.REVISION:
      try {
        return expectedRevision(options.getRevision());
      } catch {
        throw unexpected();
      }
    case Case.EXPECTED_STREAM_REVISION_NOT_SET:
      throw invalid("'None' is not a valid ExpectedStreamRevisionOneofCase");
  }
}

const missingMetadata = ({ message }: Error): grpc.ServiceError =>
  refusal(grpc.status.INVALID_ARGUMENT, message, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

const tooLarge = (): grpc.ServiceError =>
  refusal(grpc.status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_SIZE),
  });

function answer(result: AppendOutcome, stream: string, options: AppendReq.Options): AppendResp {
  const response = new streamsPb.AppendResp();
  switch (result.kind) {
    case 'written': {
      const success = new streamsPb.AppendResp.Success();
      if (result.revision < 0) success.setNoStream(new sharedPb.Empty());
      else success.setCurrentRevision(revisionText(result.revision));
      if (result.position === undefined) success.setNoPosition(new sharedPb.Empty());
      else {
        const position = new streamsPb.AppendResp.Position();
        position.setCommitPosition(String(result.position));
        position.setPreparePosition(String(result.position));
        success.setPosition(position);
      }
      response.setSuccess(success);
      return response;
    }
    case 'wrong-expected-version':
      response.setWrongExpectedVersion(wrongVersion(result.current, options));
      return expectsLargest(options) ? withLargestRevision(response) : response;
    case 'stream-deleted':
      throw streamDeleted(stream);
  }
}

/** "No stream", said as such or as the revision that stands for it. */
const expectsLargest = (options: AppendReq.Options): boolean => options.hasNoStream() || options.getRevision() === LARGEST_ULONG_TEXT;

/** Said twice: in the fields of today and in those of 20.6, which told "no stream" as the largest number. */
function wrongVersion(current: number, options: AppendReq.Options): AppendResp.WrongExpectedVersion {
  const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
  const empty = new sharedPb.Empty();
  if (current < 0) wrong.setCurrentNoStream(empty).setNoStream2060(empty);
  else wrong.setCurrentRevision(revisionText(current)).setCurrentRevision2060(current);
  if (options.hasAny()) wrong.setExpectedAny(empty).setAny2060(empty);
  else if (options.hasStreamExists()) wrong.setExpectedStreamExists(empty).setStreamExists2060(empty);
  else if (options.hasNoStream()) wrong.setExpectedNoStream(empty);
  else {
    wrong.setExpectedRevision(options.getRevision());
    if (!expectsLargest(options)) wrong.setExpectedRevision2060(Number(options.getRevision()));
  }
  return wrong;
}

/** `Streams.Append`: one append per call. */
export const append =
  (log: StreamLog, callers: Callers) =>
  (call: grpc.ServerReadableStream<AppendReq, AppendResp>, respond: grpc.sendUnaryData<AppendResp>): void => {
    const input = new AppendInput(callers(call.metadata));
    let refused: unknown;
    call.on('data', (request: AppendReq) => {
      if (refused !== undefined) return;
      try {
        input.take(request);
      } catch (error) {
        refused = error;
        respond(asRefusal(error));
      }
    });
    call.on('end', () => {
      if (refused === undefined) void run().catch((error: unknown) => respond(asRefusal(error)));
    });
    const run = async (): Promise<void> => {
      const { stream, expected, options, events } = input.finish();
      respond(null, answer(await log.append(stream, expected, events), stream, options));
    };
  };
