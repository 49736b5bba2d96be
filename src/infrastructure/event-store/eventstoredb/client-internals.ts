import type { EventStoreDBClient } from '@eventstore/db-client';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { CallOptions, ClientDuplexStream, Metadata } from '@grpc/grpc-js';

/** What the adapter uses of client 6.2.1 beyond its public interface: the connection, and how calls over it are made. Present in all its 6.x versions. */
export interface ClientInternals {
  getChannel(): Promise<{ close(): void }>;
  /** Metadata and options of a call, with the credentials of the connection string. */
  callArguments(base: object, call?: CallOptions): [Metadata, CallOptions];
  /** Opens a stream over the client's present connection; when it fails the client looks whether it must reconnect. */
  GRPCStreamCreator<Sent, Answered>(
    service: typeof StreamsClient,
    name: string,
    open: (service: StreamsClient) => ClientDuplexStream<Sent, Answered>,
  ): () => Promise<ClientDuplexStream<Sent, Answered>>;
}

export const internalsOf = (client: EventStoreDBClient): ClientInternals => client as unknown as ClientInternals;
