import {
  eventTypeFilter,
  PersistentSubscriptionExistsError,
  persistentSubscriptionToAllSettingsFromDefaults,
  type EventStoreDBClient,
  type PersistentSubscriptionToAllSettings,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import type { ConsumerGroup } from '../../../application/ports/event-feed.js';

/** Nearly 25 days, the longest a group can be told. To the server 0 is no "never": it delivers again at its next tick, a second later at most. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Settings of a group. They do not depend on the consumer's `bufferSize`: nodes with different buffers share a group, and each change of its settings drops
 * all consumers. A checkpoint is due about a second after the first acknowledgement, at the latest after 500: a group that moves over to another
 * server sees about as many again.
 */
const settingsOf = ({ messageTimeoutMs, maxRetryCount }: ConsumerGroup): PersistentSubscriptionToAllSettings =>
  persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: 'start',
    messageTimeout: messageTimeoutMs === 0 ? LONGEST_TIMEOUT_MS : messageTimeoutMs,
    maxRetryCount,
    checkPointAfter: 1_000,
    checkPointLowerBound: 1,
    checkPointUpperBound: 500,
    liveBufferSize: 1_024,
    readBatchSize: 128,
    historyBufferSize: 1_024, // must be larger than a batch
    consumerStrategyName: 'RoundRobin',
  });

/** Matches exactly the given types. */
const typePattern = (types: readonly string[]): string =>
  `^(${types.map((type) => type.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`;

/**
 * Makes the group unless it exists.
 *
 * What a group filters on is fixed when it is made, and the server tells nobody what it is: a group whose event types change must get a new name. (Types
 * that were taken away are acknowledged unseen by the consumer; types that were added would never be delivered.)
 */
export async function createGroup(client: EventStoreDBClient, group: ConsumerGroup): Promise<void> {
  try {
    const filter = eventTypeFilter({ regex: typePattern(group.eventTypes) });
    await client.createPersistentSubscriptionToAll(group.name, settingsOf(group), { filter });
  } catch (fault) {
    if (!isAlreadyThere(fault)) throw fault;
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
