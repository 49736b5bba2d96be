import type grpc from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/persistent_pb.js';
import type { Connection } from '../persistent-subscriptions/connection.js';
import type { ConsumerGroup, NackAction } from '../persistent-subscriptions/consumer-group.js';
import type { ConsumerGroups } from '../persistent-subscriptions/consumer-groups.js';
import { ALL_STREAM } from '../persistent-subscriptions/group-definition.js';
import { mustPermit, type Caller, type Callers } from './callers.js';
import { groupRefusal } from './group-refusal.js';
import { idBytes, streamName } from './identifiers.js';
import { deliveryMessage } from './recorded-event.js';
import { asRefusal, refusal, unexpected } from './refusal.js';

type ConsumerCall = grpc.ServerDuplexStream<ReadReq, ReadResp>;

/** `PersistentSubscriptions.Read`: options, then acknowledgements and refusals; confirmation, then events. */
export const consume =
  (groups: ConsumerGroups, callers: Callers) =>
  (call: ConsumerCall): void => {
    let consuming: Consuming | undefined;
    call.on('data', (request: ReadReq) => {
      try {
        if (consuming) consuming.take(request);
        else consuming = new Consuming(groups, call, callers(call.metadata), request.getOptions());
      } catch (error) {
        // Only the first message is answered: after that, a request that makes no sense silently ends the consumer.
        if (consuming) consuming.leave();
        else call.emit('error', asRefusal(error));
      }
    });
    const leave = (): void => consuming?.leave();
    call.on('cancelled', leave);
    call.on('close', leave);
    call.on('error', leave);
  };

class Consuming {
  private readonly group: ConsumerGroup;
  private readonly connection: Connection;

  constructor(groups: ConsumerGroups, call: ConsumerCall, caller: Caller, options: ReadReq.Options | undefined) {
    const source = options?.hasAll() ? ALL_STREAM : options?.getStreamIdentifier() && streamName(options.getStreamIdentifier() as never);
    if (!options || source === undefined || !options.hasUuidOption() || options.getBufferSize() < 0) throw unexpected();
    mustPermit(caller, 'read', source);
    const name = options.getGroupName();
    const idAsString = options.getUuidOption()?.hasString() ?? false;
    try {
      this.group = groups.get(source, name);
    } catch (error) {
      throw groupRefusal(error, source, name);
    }
    if (this.group.isFull) throw tooMany(source, name);
    call.write(confirmation(`${source}::${name}`));
    this.connection = this.group.connect({
      name: String(call.metadata.get('connection-name')[0] ?? '<unknown>'),
      user: caller.name,
      bufferSize: options.getBufferSize(),
      // At most a buffer's worth is under way, so nothing has to wait for the call to drain.
      send: (event, retryCount) => void call.write(deliveryMessage(event, retryCount, idAsString)),
      drop: () => call.emit('error', dropped(source, name)),
    });
  }

  take(request: ReadReq): void {
    const ack = request.getAck();
    const nack = request.getNack();
    if (ack) this.group.acknowledge(ack.getIdsList().map(idBytes));
    else if (nack) {
      const action = actionOf(nack.getAction());
      if (action) this.group.refuse(nack.getIdsList().map(idBytes), action, nack.getReason());
    } else throw unexpected();
  }

  leave(): void {
    this.group.disconnect(this.connection);
  }
}

function actionOf(action: ReadReq.Nack.Action): NackAction | undefined {
  const { Action } = persistentPb.ReadReq.Nack;
  switch (action) {
    case Action.UNKNOWN:
    case Action.RETRY:
      return 'retry';
    case Action.PARK:
      return 'park';
    case Action.SKIP:
      return 'skip';
    case Action.STOP:
      return 'stop';
    default:
      return undefined;
  }
}

function confirmation(id: string): ReadResp {
  const message = new persistentPb.ReadResp.SubscriptionConfirmation();
  message.setSubscriptionId(id);
  return new persistentPb.ReadResp().setSubscriptionConfirmation(message);
}

const dropped = (source: string, group: string): grpc.ServiceError =>
  refusal(status.CANCELLED, `Subscription group ${group} on stream ${source} was dropped.`, {
    exception: 'persistent-subscription-dropped',
    'stream-name': source,
    'group-name': group,
  });

const tooMany = (source: string, group: string): grpc.ServiceError =>
  refusal(status.FAILED_PRECONDITION, `Maximum subscriptions reached for subscription group ${group} on stream ${source}.`, {
    exception: 'maximum-subscribers-reached',
    'stream-name': source,
    'group-name': group,
  });
