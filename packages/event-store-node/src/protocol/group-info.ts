import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import type { SubscriptionInfo } from '@eventstore/db-client/generated/persistent_pb.js';
import type { ConsumerGroup } from '../persistent-subscriptions/consumer-group.js';
import { ALL_STREAM, type GroupDefinition } from '../persistent-subscriptions/group-definition.js';
import { LARGEST_LONG_TEXT } from './identifiers.js';

const measurement = ([name, value]: readonly [string, number]): SubscriptionInfo.Measurement =>
  new persistentPb.SubscriptionInfo.Measurement().setKey(name).setValue(String(value));

function startText({ source, start }: GroupDefinition): string {
  const text = start === 'end' ? '-1' : start === Number.MAX_SAFE_INTEGER ? LARGEST_LONG_TEXT : String(start);
  return source === ALL_STREAM ? `C:${text}/P:${text}` : text;
}

/** Settings and state of a group. */
export function groupInfo(group: ConsumerGroup): SubscriptionInfo {
  const { definition } = group;
  const statistics = group.measure();
  const { settings } = definition;
  const info = new persistentPb.SubscriptionInfo();
  info.setEventSource(definition.source);
  info.setGroupName(definition.group);
  info.setStatus(statistics.status);
  info.setTotalItems(String(statistics.items.total));
  info.setAveragePerSecond(statistics.items.perSecond);
  info.setCountSinceLastMeasurement(String(statistics.items.sinceLast));
  info.setLastCheckpointedEventPosition(statistics.lastCheckpointed);
  info.setLastKnownEventPosition(statistics.lastKnown);
  info.setStartFrom(startText(definition));
  info.setResolveLinkTos(settings.resolveLinks);
  info.setExtraStatistics(settings.extraStatistics);
  info.setMessageTimeoutMilliseconds(settings.messageTimeoutMs);
  info.setMaxRetryCount(settings.maxRetryCount);
  info.setLiveBufferSize(settings.liveBufferSize);
  info.setBufferSize(settings.historyBufferSize);
  info.setReadBatchSize(settings.readBatchSize);
  info.setCheckPointAfterMilliseconds(settings.checkpointAfterMs);
  info.setMinCheckPointCount(settings.minCheckpointCount);
  info.setMaxCheckPointCount(settings.maxCheckpointCount);
  info.setMaxSubscriberCount(settings.maxSubscriberCount);
  info.setNamedConsumerStrategy(settings.strategy);
  info.setReadBufferCount(statistics.readBufferCount);
  info.setLiveBufferCount('0');
  info.setRetryBufferCount(statistics.retryBufferCount);
  info.setTotalInFlightMessages(statistics.outstanding);
  info.setOutstandingMessagesCount(statistics.outstanding);
  info.setParkedMessageCount(String(group.parked.count));
  info.setConnectionsList(
    group.connections.map(({ consumer, items, inFlight, latencies }) => {
      const connection = new persistentPb.SubscriptionInfo.ConnectionInfo();
      const { total, perSecond, sinceLast } = items.measure();
      connection.setUsername(consumer.user);
      connection.setConnectionName(consumer.name);
      connection.setTotalItems(String(total));
      connection.setAverageItemsPerSecond(perSecond);
      connection.setCountSinceLastMeasurement(String(sinceLast));
      connection.setObservedMeasurementsList((latencies?.figures() ?? []).map(measurement));
      connection.setAvailableSlots(consumer.bufferSize - inFlight);
      connection.setInFlightMessages(inFlight);
      return connection;
    }),
  );
  return info;
}
