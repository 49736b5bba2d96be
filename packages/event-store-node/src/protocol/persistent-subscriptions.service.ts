import grpc from '@grpc/grpc-js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type {
  CreateReq,
  DeleteReq,
  GetInfoReq,
  ListReq,
  ReplayParkedReq,
  UpdateReq,
} from '@eventstore/db-client/generated/persistent_pb.js';
import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import type { ConsumerGroups } from '../persistent-subscriptions/consumer-groups.js';
import { ALL_STREAM, GroupRefusedError } from '../persistent-subscriptions/group-definition.js';
import { accessDenied, type Callers } from './callers.js';
import { consume } from './group-consumer.js';
import { groupInfo } from './group-info.js';
import { groupRefusal } from './group-refusal.js';
import { groupDefinition } from './group-requests.js';
import { streamName } from './identifiers.js';
import { asRefusal, refusal, unexpected } from './refusal.js';

type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Whom an answer is for: those who manage groups, or all who said who they are. */
type Audience = 'managers' | 'users';

const unaryFor =
  (callers: Callers) =>
  <Request, Response>(audience: Audience, run: Handler<Request, Response>) =>
  (call: grpc.ServerUnaryCall<Request, Response>, respond: grpc.sendUnaryData<Response>): void => {
    void Promise.resolve()
      .then(() => {
        const { managesGroups, isKnown } = callers(call.metadata);
        if (!(audience === 'managers' ? managesGroups : isKnown)) throw accessDenied();
        return run(call.request);
      })
      .then(
        (response) => respond(null, response),
        (error: unknown) => respond(asRefusal(error)),
      );
  };

interface Addressed {
  hasAll(): boolean;
  getStreamIdentifier(): StreamIdentifier | undefined;
  getGroupName(): string;
}

function addressOf(options: Addressed | undefined): { readonly source: string; readonly group: string } {
  const identifier = options?.getStreamIdentifier();
  if (!options || (!options.hasAll() && !identifier)) throw unexpected();
  const source = identifier ? streamName(identifier) : ALL_STREAM;
  if (source === '' || (identifier && source === ALL_STREAM)) throw unexpected();
  return { source, group: options.getGroupName() };
}

/** Runs with a group's address, and tells of failures with it. */
async function at<Result>(address: { source: string; group: string }, run: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw groupRefusal(error, address.source, address.group);
  }
}

/** `event_store.client.persistent_subscriptions.PersistentSubscriptions`. */
export function persistentSubscriptionsService(groups: ConsumerGroups, callers: Callers): grpc.UntypedServiceImplementation {
  const unary = unaryFor(callers);
  return {
    create: unary('managers', async (request: CreateReq) => {
      const definition = groupDefinition(request.getOptions());
      await at(definition, () => groups.create(definition));
      return new persistentPb.CreateResp();
    }),

    update: unary('managers', async (request: UpdateReq) => {
      const definition = groupDefinition(request.getOptions());
      await at(definition, () => groups.update(definition));
      return new persistentPb.UpdateResp();
    }),

    delete: unary('managers', async (request: DeleteReq) => {
      const address = addressOf(request.getOptions());
      await at(address, () => groups.remove(address.source, address.group));
      return new persistentPb.DeleteResp();
    }),

    read: consume(groups, callers),

    getInfo: unary('users', async (request: GetInfoReq) => {
      const address = addressOf(request.getOptions());
      const info = await at(address, () => groupInfo(groups.get(address.source, address.group)));
      return new persistentPb.GetInfoResp().setSubscriptionInfo(info);
    }),

    list: unary('users', (request: ListReq) => {
      const ofStream = request.getOptions()?.getListForStream();
      const identifier = ofStream?.getStream();
      const source = ofStream && (identifier ? streamName(identifier) : ALL_STREAM);
      const found = groups.list(source);
      if (source !== undefined && found.length === 0 && !groups.knownSources.has(source)) throw noneOf(source);
      return new persistentPb.ListResp().setSubscriptionsList(found.map(groupInfo));
    }),

    replayParked: unary('managers', async (request: ReplayParkedReq) => {
      const options = request.getOptions();
      const address = addressOf(options);
      await at(address, () => {
        if (!options?.hasStopAt() && !options?.hasNoLimit()) throw unexpected();
        const stopAt = options.hasStopAt() ? Number(options.getStopAt()) : Infinity;
        if (stopAt < 0) throw new GroupRefusedError('Cannot stop replaying parked message at a negative version.');
        groups.get(address.source, address.group).replayParked(stopAt);
      });
      return new persistentPb.ReplayParkedResp();
    }),

    restartSubsystem: unary('managers', async () => {
      await groups.restart();
      return new sharedPb.Empty();
    }),
  };
}

/** Of a list: the server this one follows puts it as if it had been asked for the group without a name, and names no group. */
const noneOf = (source: string): grpc.ServiceError =>
  refusal(grpc.status.NOT_FOUND, `Subscription group  on stream ${source} does not exist.`, {
    exception: 'persistent-subscription-does-not-exist',
    'stream-name': source,
  });
