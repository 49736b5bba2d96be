import grpc from '@grpc/grpc-js';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import persistentGrpc from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { StreamLog } from '../log/stream-log.js';
import type { ConsumerGroups } from '../persistent-subscriptions/consumer-groups.js';
import type { Callers } from './callers.js';
import { withDeadlines } from './deadline.js';
import { gossipService } from './gossip.service.js';
import { persistentSubscriptionsService } from './persistent-subscriptions.service.js';
import { serverFeaturesService } from './server-features.service.js';
import { streamsService } from './streams.service.js';

/** Adds all services of the node to a server. */
export function addServices(
  server: grpc.Server,
  log: StreamLog,
  groups: ConsumerGroups,
  callers: Callers,
  host: string,
  port: () => number,
): void {
  const { StreamsService } = streamsGrpc;
  const streams = { ...StreamsService, batchAppend: withDeadlines(StreamsService.batchAppend) };
  server.addService(tolerant(streams), streamsService(log, callers));
  server.addService(tolerant(persistentGrpc.PersistentSubscriptionsService), persistentSubscriptionsService(groups, callers));
  server.addService(featuresGrpc.ServerFeaturesService, serverFeaturesService);
  server.addService(gossipGrpc.GossipService, gossipService(host, port));
}

/** Hands on an unreadable request as an empty one: every handler refuses that, in the way clients know. */
function tolerant(service: grpc.ServiceDefinition): grpc.ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => {
      const { requestDeserialize } = method as grpc.MethodDefinition<unknown, unknown>;
      const read = (bytes: Buffer): unknown => {
        try {
          return requestDeserialize(bytes);
        } catch {
          return requestDeserialize(Buffer.alloc(0));
        }
      };
      return [name, { ...method, requestDeserialize: read }];
    }),
  );
}
