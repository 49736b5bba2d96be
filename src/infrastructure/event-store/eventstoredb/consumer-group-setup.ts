import {
  eventTypeFilter,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionExistsError,
  persistentSubscriptionToAllSettingsFromDefaults,
  type EventStoreDBClient,
  type PersistentSubscriptionToAllInfo,
  type PersistentSubscriptionToAllSettings,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import type { ConsumerGroup } from '../../../application/ports/event-feed.js';
import { GROUP_SETTINGS, leastFar, strategyOf, timeoutOf, typePattern } from '../shared/group-settings.js';

/** The client's names for them. */
const settingsOf = ({ from, messageTimeoutMs, maxRetryCount, ...group }: ConsumerGroup): PersistentSubscriptionToAllSettings =>
  persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: from === undefined ? 'start' : { commit: from, prepare: from },
    messageTimeout: timeoutOf(messageTimeoutMs),
    maxRetryCount,
    checkPointAfter: GROUP_SETTINGS.checkpointAfterMs,
    checkPointLowerBound: GROUP_SETTINGS.minCheckpointCount,
    checkPointUpperBound: GROUP_SETTINGS.maxCheckpointCount,
    liveBufferSize: GROUP_SETTINGS.liveBufferSize,
    readBatchSize: GROUP_SETTINGS.readBatchSize,
    historyBufferSize: GROUP_SETTINGS.historyBufferSize,
    consumerStrategyName: strategyOf(group),
  });

/**
 * Makes the group unless it exists.
 *
 * What a group filters on is fixed when it is made, and the server tells nobody what it is: a group whose event types change must get a new name. (Types
 * that were taken away are acknowledged unseen by the consumer; types that were added would never be delivered.)
 */
export async function createGroup(client: EventStoreDBClient, group: ConsumerGroup): Promise<void> {
  try {
    const filter = eventTypeFilter({ regex: typePattern(group.eventTypes) });
    const from = group.replaces ? await startAfter(client, group.name, group.replaces) : group.from;
    const start = from === undefined ? {} : { from };
    await client.createPersistentSubscriptionToAll(group.name, settingsOf({ ...group, ...start }), { filter });
  } catch (fault) {
    if (!isAlreadyThere(fault)) throw fault;
  }
}

/** Where the least far of the groups that this one replaces had got to; undefined: at the log's start. For one that exists it is of no meaning. */
async function startAfter(client: EventStoreDBClient, name: string, replaced: readonly string[]): Promise<bigint | undefined> {
  if (await infoOf(client, name)) return undefined;
  const infos = await Promise.all(replaced.map((one) => infoOf(client, one)));
  const places = infos.map((info) =>
    info && info.stats.parkedMessageCount === 0n ? info.stats.lastCheckpointedEventPosition?.commit : undefined,
  );
  return leastFar(places);
}

async function infoOf(client: EventStoreDBClient, name: string): Promise<PersistentSubscriptionToAllInfo | undefined> {
  try {
    return await client.getPersistentSubscriptionToAllInfo(name);
  } catch (fault) {
    if (fault instanceof PersistentSubscriptionDoesNotExistError) return undefined;
    throw fault;
  }
}

/** Gives an existing group the settings asked for, where they differ. Its consumers are dropped by that and come back by themselves. */
export async function updateGroup(client: EventStoreDBClient, group: ConsumerGroup): Promise<void> {
  const wanted = settingsOf(group);
  const { settings } = await client.getPersistentSubscriptionToAllInfo(group.name);
  const same = (Object.keys(wanted) as (keyof typeof wanted)[])
    .filter((key) => key !== 'startFrom') // of no meaning once a group has started
    .every((key) => settings[key] === wanted[key]);
  if (!same) await client.updatePersistentSubscriptionToAll(group.name, wanted);
}

const isAlreadyThere = (fault: unknown): boolean =>
  fault instanceof PersistentSubscriptionExistsError || (fault instanceof Error && 'code' in fault && fault.code === status.ALREADY_EXISTS);
