import type grpc from '@grpc/grpc-js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';

/** What the node implements, as clients ask for it: service, method, features. What is not here answers UNIMPLEMENTED. */
const METHODS: readonly (readonly [service: string, method: string, ...features: string[]])[] = [
  ['streams.streams', 'append'],
  ['streams.streams', 'batchappend', 'deadline_duration'],
  ['streams.streams', 'delete'],
  ['streams.streams', 'read', 'position', 'events'],
  ['streams.streams', 'tombstone'],
  ['persistent_subscriptions.persistentsubscriptions', 'create', 'stream', 'all'],
  ['persistent_subscriptions.persistentsubscriptions', 'update', 'stream', 'all'],
  ['persistent_subscriptions.persistentsubscriptions', 'delete', 'stream', 'all'],
  ['persistent_subscriptions.persistentsubscriptions', 'read', 'stream', 'all'],
  ['persistent_subscriptions.persistentsubscriptions', 'getinfo', 'stream', 'all'],
  ['persistent_subscriptions.persistentsubscriptions', 'list', 'stream', 'all'],
  ['persistent_subscriptions.persistentsubscriptions', 'replayparked', 'stream', 'all'],
  ['persistent_subscriptions.persistentsubscriptions', 'restartsubsystem', 'stream', 'all'],
  ['gossip.gossip', 'read'],
  ['server_features.serverfeatures', 'getsupportedmethods'],
];

/** The server whose answers this one follows. */
const VERSION = '23.10.7';

/** `event_store.client.server_features.ServerFeatures`: the first thing a client asks. */
export const serverFeaturesService = {
  getSupportedMethods(_call: grpc.ServerUnaryCall<unknown, SupportedMethods>, respond: grpc.sendUnaryData<SupportedMethods>): void {
    const answer = new featuresPb.SupportedMethods();
    answer.setEventStoreServerVersion(VERSION);
    answer.setMethodsList(
      METHODS.map(([service, name, ...features]) => {
        const method = new featuresPb.SupportedMethod();
        method.setServiceName(`event_store.client.${service}`);
        method.setMethodName(name);
        method.setFeaturesList(features);
        return method;
      }),
    );
    respond(null, answer);
  },
};
