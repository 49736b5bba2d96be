import type grpc from '@grpc/grpc-js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import codePb from '@eventstore/db-client/generated/code_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expectation } from '../log/append-decision.js';
import type { AppendOutcome, StreamLog } from '../log/stream-log.js';
import type { ProposedEvent } from '../log/event-record.js';
import { LONGEST_TIMER_MS } from '../longest-timer.js';
import type { Caller, Callers } from './callers.js';
import { timeoutOf } from './deadline.js';
import { drained } from './flow.js';
import { idBytes, identifierOf, LARGEST_LONG_TEXT, revisionText, streamName } from './identifiers.js';
import { expectedRevision, isTooLarge, isWritable, MAX_APPEND_SIZE, proposedEvent, sizeOf } from './proposed-events.js';

type BatchCall = grpc.ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/** An append of which not all messages have come yet. */
interface Pending {
  readonly stream: string;
  readonly expected: Expectation;
  readonly events: ProposedEvent[];
  size: number;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Appends on one call, and their bytes, that may wait for the disk before no more requests are taken. */
const MOST_UNANSWERED = 1_024;
const MOST_UNANSWERED_BYTES = 16 * 1024 * 1024;
/** Appends on one call, and their bytes, that may wait for their final message; one more is refused, for taking no more would wait for ever. */
const MOST_UNFINISHED = 1_024;
const MOST_UNFINISHED_BYTES = 64 * 1024 * 1024;

/** `Streams.BatchAppend`: any number of appends on one call, told apart by their correlation ids. */
export const batchAppend =
  (log: StreamLog, callers: Callers) =>
  (call: BatchCall): void => {
    const batch = new Batch(log, call, callers(call.metadata));
    call.on('data', (request: BatchAppendReq) => batch.take(request));
    call.on('end', () => batch.halfClosed());
    call.on('cancelled', () => batch.end());
    call.on('error', () => batch.end());
  };

class Batch {
  private readonly pending = new Map<string, Pending>();
  private unfinishedBytes = 0;
  private unanswered = 0;
  private unansweredBytes = 0;
  private isHalfClosed = false;
  private isDraining = false;

  constructor(
    private readonly log: StreamLog,
    private readonly call: BatchCall,
    private readonly caller: Caller,
  ) {}

  take(request: BatchAppendReq): void {
    const correlation = request.getCorrelationId();
    const identifier = request.getOptions()?.getStreamIdentifier();
    let key: string | undefined;
    try {
      if (!correlation) throw new RangeError("Value cannot be null. (Parameter 'dto')");
      key = idBytes(correlation).toString('latin1');
      const pending = this.pending.get(key) ?? this.begin(correlation, key, request.getOptions());
      if (!pending) return;
      for (const message of request.getProposedMessagesList()) {
        const event = proposedEvent(message);
        pending.size += sizeOf(event);
        this.unfinishedBytes += sizeOf(event);
        pending.events.push(event);
      }
      if (isTooLarge(pending.size, pending.events.length)) this.fail(correlation, key, tooLarge(pending.stream));
      else if (this.unfinishedBytes > MOST_UNFINISHED_BYTES) this.fail(correlation, key, tooManyUnfinished(pending.stream));
      else if (request.getIsFinal()) void this.append(correlation, key, pending);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const stream = this.pending.get(key ?? '')?.stream;
      this.fail(correlation, key, badRequest(message, stream === undefined ? identifier : identifierOf(stream)));
    }
  }

  halfClosed(): void {
    this.isHalfClosed = true;
    this.finishIfDone();
  }

  end(): void {
    for (const key of [...this.pending.keys()]) this.forget(key);
  }

  /** Undefined for messages that follow an answer already given, or begin without options: they are passed over. */
  private begin(correlation: UUID, key: string, options: BatchAppendReq.Options | undefined): Pending | undefined {
    if (!options) return undefined;
    const identifier = options.getStreamIdentifier();
    if (!identifier) throw new RangeError('the stream identifier is missing');
    const stream = streamName(identifier);
    if (!isWritable(stream)) throw new RangeError("Value cannot be null. (Parameter 'value')");
    const expected = expectedOf(options);
    if (!this.caller.permits('write', stream)) {
      this.fail(correlation, key, denied(stream));
      return undefined;
    }
    if (this.pending.size >= MOST_UNFINISHED) {
      this.fail(correlation, key, tooManyUnfinished(stream));
      return undefined;
    }
    const left = timeoutOf(options);
    if (left <= 0) {
      this.fail(correlation, key, timedOut(stream));
      return undefined;
    }
    const timer = left > LONGEST_TIMER_MS ? undefined : setTimeout(() => this.fail(correlation, key, timedOut(stream)), left).unref();
    const pending: Pending = { stream, expected, events: [], size: 0, timer };
    this.pending.set(key, pending);
    return pending;
  }

  private async append(correlation: UUID, key: string, { stream, expected, events, size }: Pending): Promise<void> {
    this.forget(key);
    this.unanswered += 1;
    this.unansweredBytes += size;
    if (this.isFull) this.call.pause();
    let response: BatchAppendResp;
    try {
      response = answer(await this.log.append(stream, expected, events), stream, expected);
    } catch (error) {
      response = unknown(error instanceof Error ? error.message : String(error), stream);
    }
    const wasFull = this.isFull;
    this.unanswered -= 1;
    this.unansweredBytes -= size;
    if (wasFull && !this.isFull && !this.isDraining) this.call.resume();
    this.answer(correlation, response);
    this.finishIfDone();
  }

  private fail(correlation: UUID | undefined, key: string | undefined, response: BatchAppendResp): void {
    this.forget(key ?? '');
    this.answer(correlation, response);
  }

  private get isFull(): boolean {
    return this.unanswered >= MOST_UNANSWERED || this.unansweredBytes >= MOST_UNANSWERED_BYTES;
  }

  private forget(key: string): void {
    const pending = this.pending.get(key);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.pending.delete(key);
    this.unfinishedBytes -= pending.size;
  }

  private answer(correlation: UUID | undefined, response: BatchAppendResp): void {
    if (this.call.cancelled || this.call.destroyed) return;
    response.setCorrelationId(correlation);
    if (this.call.write(response) || this.isDraining) return;
    this.isDraining = true;
    this.call.pause();
    void drained(this.call).then(() => {
      this.isDraining = false;
      if (!this.isFull) this.call.resume();
    });
  }

  /** Appends without a final message are never written. */
  private finishIfDone(): void {
    if (!this.isHalfClosed || this.unanswered > 0) return;
    this.end();
    this.call.end();
  }
}

function expectedOf(options: BatchAppendReq.Options): Expectation {
  const { ExpectedStreamPositionCase: Case } = streamsPb.BatchAppendReq.Options;
  switch (options.getExpectedStreamPositionCase()) {
    case Case.ANY:
      return 'any';
    case Case.NO_STREAM:
      return 'no_stream';
    case Case.STREAM_EXISTS:
      return 'stream_exists';
    case Case.STREAM_POSITION:
      return expectedRevision(options.getStreamPosition());
    case Case.EXPECTED_STREAM_POSITION_NOT_SET:
      throw new RangeError("'None' is not a valid ExpectedStreamPositionOneofCase");
  }
}

function answer(result: AppendOutcome, stream: string, expected: Expectation): BatchAppendResp {
  switch (result.kind) {
    case 'written': {
      const success = new streamsPb.BatchAppendResp.Success();
      if (result.revision < 0) success.setNoStream(new emptyPb.Empty());
      else success.setCurrentRevision(revisionText(result.revision));
      if (result.position === undefined) success.setNoPosition(new emptyPb.Empty());
      else {
        const position = new sharedPb.AllStreamPosition();
        position.setCommitPosition(String(result.position));
        position.setPreparePosition(String(result.position));
        success.setPosition(position);
      }
      const response = new streamsPb.BatchAppendResp();
      response.setStreamIdentifier(identifierOf(stream));
      response.setSuccess(success);
      return response;
    }
    case 'wrong-expected-version': {
      const wrong = new sharedPb.WrongExpectedVersion();
      const empty = new emptyPb.Empty();
      if (result.current < 0) wrong.setCurrentNoStream(empty);
      else wrong.setCurrentStreamRevision(revisionText(result.current));
      if (expected === 'any') wrong.setExpectedAny(empty);
      else if (expected === 'stream_exists') wrong.setExpectedStreamExists(empty);
      else if (expected === 'no_stream') wrong.setExpectedNoStream(empty);
      else wrong.setExpectedStreamPosition(Number.isFinite(expected) ? String(expected) : LARGEST_LONG_TEXT);
      return refused(codePb.Code.ALREADY_EXISTS, 'WrongExpectedVersion', wrong, identifierOf(stream));
    }
    case 'stream-deleted': {
      const deleted = new sharedPb.StreamDeleted();
      deleted.setStreamIdentifier(identifierOf(stream));
      return refused(codePb.Code.NOT_FOUND, 'StreamDeleted', deleted, identifierOf(stream));
    }
  }
}

const timedOut = (stream: string): BatchAppendResp =>
  refused(codePb.Code.DEADLINE_EXCEEDED, 'Timeout', new sharedPb.Timeout(), identifierOf(stream));

const denied = (stream: string): BatchAppendResp =>
  refused(codePb.Code.PERMISSION_DENIED, 'AccessDenied', new sharedPb.AccessDenied(), identifierOf(stream));

const unknown = (message: string, stream: string): BatchAppendResp =>
  refused(codePb.Code.UNKNOWN, 'Unknown', new sharedPb.Unknown(), identifierOf(stream), message);

const tooManyUnfinished = (stream: string): BatchAppendResp =>
  badRequest('Too many appends were begun on this call and are not finished.', identifierOf(stream));

const tooLarge = (stream: string): BatchAppendResp =>
  refused(
    codePb.Code.INVALID_ARGUMENT,
    'MaximumAppendSizeExceeded',
    new sharedPb.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_SIZE),
    identifierOf(stream),
  );

const badRequest = (message: string, stream: StreamIdentifier | undefined): BatchAppendResp =>
  refused(codePb.Code.INVALID_ARGUMENT, 'BadRequest', new sharedPb.BadRequest().setMessage(message), stream);

function refused(
  code: number,
  name: string,
  detail: { serializeBinary(): Uint8Array },
  stream: StreamIdentifier | undefined,
  message = name,
): BatchAppendResp {
  const any = new anyPb.Any();
  any.pack(detail.serializeBinary(), `event_store.client.${name}`);
  const status = new statusPb.Status();
  status.setCode(code);
  status.setMessage(message);
  status.setDetails(any);
  const response = new streamsPb.BatchAppendResp();
  if (stream) response.setStreamIdentifier(stream);
  response.setError(status);
  return response;
}
