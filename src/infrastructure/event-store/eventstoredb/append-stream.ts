import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { parseUUID } from '@eventstore/db-client/dist/utils/grpcUUID.js';
import { unpackToCommandError } from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ExpectedRevision, NewEvent } from '../../../application/ports/event-log.js';
import { internalsOf } from './client-internals.js';

/** An event to append. Metadata travel as one JSON object: `$correlationId` and `$causationId` under the names that EventStoreDB's own projections know. */
export type EventToAppend = Omit<NewEvent, 'metadata'> & { readonly metadata?: NewEvent['metadata'] };

export interface Appended {
  readonly revision: number;
  /** Missing where the server does not say. */
  readonly position: bigint | undefined;
}

interface Pending {
  readonly streamId: string;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (fault: unknown) => void;
}

/** Events of one append are sent in messages of about this size; servers refuse messages above some megabytes. */
const MESSAGE_BYTES = 1024 * 1024;

/**
 * The appends of one client, all over one call (`Streams.BatchAppend`, servers from 21.10 on), which costs a third of a call for each. It takes the place of
 * the client's own `appendToStream`, which keeps the pending appends of all clients of the process in one table: an error of any one stream
 * rejects and empties it, and an answer that then arrives for an entry that is gone throws inside a listener and ends the process. It takes no second
 * client for that; after a lost connection the client itself may open a second stream beside the first. Here each stream has a table of its own.
 */
export class AppendStream {
  readonly #pending = new Map<string, Pending>();
  #broken: Error | undefined;
  #retired = false;

  private constructor(private readonly call: ClientDuplexStream<BatchAppendReq, BatchAppendResp>) {
    call.on('data', (answer: BatchAppendResp) => this.#settle(answer));
    call.on('error', (fault: Error) => this.#break(fault));
    call.on('end', () => this.#break(new Error('the server ended the append stream')));
  }

  static async open(client: EventStoreDBClient): Promise<AppendStream> {
    const internals = internalsOf(client);
    const open = internals.GRPCStreamCreator<BatchAppendReq, BatchAppendResp>(StreamsClient, 'append', (service) =>
      service.batchAppend(...internals.callArguments({}, { deadline: Infinity })),
    );
    return new AppendStream(await open());
  }

  /** What ended it. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Has no deadline: the caller waits as long as it likes. @throws what the server answers; for a broken stream what broke it, and the outcome is unknown */
  append(streamId: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken);
      const correlation = randomUUID();
      const requests = requestsOf(correlation, streamId, events, expected);
      this.#pending.set(correlation, { streamId, resolve, reject });
      for (const request of requests) this.call.write(request);
    });
  }

  /** Ends the call once nothing is pending. */
  retire(): void {
    this.#retired = true;
    if (this.#pending.size === 0) this.close();
  }

  /** Ends the call. The outcome of what is pending stays unknown. */
  close(): void {
    this.#break(new Error('the append stream was closed'));
    this.call.cancel();
  }

  #settle(answer: BatchAppendResp): void {
    const correlation = parseUUID(answer.getCorrelationId());
    const pending = correlation === undefined ? undefined : this.#pending.get(correlation);
    if (correlation === undefined || !pending) return;
    this.#pending.delete(correlation);
    const success = answer.getSuccess();
    const position = success?.getPosition();
    if (success)
      pending.resolve({ revision: Number(success.getCurrentRevision()), position: position && BigInt(position.getCommitPosition()) });
    else pending.reject(unpackToCommandError(answer.getError()!, pending.streamId));
    if (this.#retired) this.retire();
  }

  #break(fault: Error): void {
    this.#broken ??= fault;
    for (const { reject } of this.#pending.values()) reject(fault);
    this.#pending.clear();
  }
}

function requestsOf(correlation: string, streamId: string, events: readonly EventToAppend[], expected: ExpectedRevision): BatchAppendReq[] {
  const id = new shared.UUID().setString(correlation);
  // Without a deadline: the server's would be a time of day, and where clocks differ nothing could be written. EventStoreDB has a limit of its own, and so have we.
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(streamId)),
  );
  if (expected === 'no-stream') options.setNoStream(new empty.Empty());
  else options.setStreamPosition(String(expected));

  let request = new streams.BatchAppendReq().setCorrelationId(id).setOptions(options);
  const requests = [request];
  let bytes = 0;
  for (const event of events) {
    const data = Buffer.from(event.text ?? JSON.stringify(event.data));
    const metadata = Buffer.from(event.metadata ? JSON.stringify(event.metadata) : '');
    bytes += data.length + metadata.length;
    if (bytes > MESSAGE_BYTES && request.getProposedMessagesList().length > 0) {
      request = new streams.BatchAppendReq().setCorrelationId(id); // options travel in the first message only
      requests.push(request);
      bytes = data.length + metadata.length;
    }
    const message = new streams.BatchAppendReq.ProposedMessage()
      .setId(new shared.UUID().setString(event.id))
      .setData(data)
      .setCustomMetadata(metadata);
    message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
    request.addProposedMessages(message);
  }
  request.setIsFinal(true);
  return requests;
}
