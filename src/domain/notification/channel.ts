import { canonicalJson, type JsonObject } from '../json.js';
import type { ByHand } from '../workflow/events/workflow-events.js';
import { byHand } from '../workflow/by-hand.js';
import { DomainError } from '../workflow/workflow.errors.js';
import type { ChannelFilter, NotificationType } from './notification.js';

export const CHANNEL_KINDS = ['webhook', 'email', 'slack'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** Channels that are not deleted, at most. */
export const MAX_CHANNELS = 200;

export interface ChannelDefinition {
  readonly kind: ChannelKind;
  /** What may be shown of where it leads: of an address on the web only the host, for the rest of it may be a secret. */
  readonly destination: string;
  readonly events: readonly NotificationType[];
  readonly filter: ChannelFilter;
  /** Its name in the configuration file; absent for one that was registered by the API. */
  readonly configured?: string;
}

export type ConfiguredDefinition = ChannelDefinition & { readonly configured: string };

interface OfChannel {
  readonly channelId: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Names and fields are for ever. Of secrets they have fingerprints. */
export interface ChannelEventData {
  readonly ChannelCreated: OfChannel & ByHand & { readonly definition: ChannelDefinition; readonly fingerprint: string };
  readonly ChannelSecretRotated: OfChannel & ByHand & { readonly fingerprint: string; readonly formerUntil: string };
  readonly ChannelDisabled: OfChannel & { readonly reason: string; readonly destination: string; readonly kind: ChannelKind };
  readonly ChannelEnabled: OfChannel & ByHand;
  readonly ChannelDeleted: OfChannel & ByHand;
  /** The configuration file says something else of it. */
  readonly ChannelReconfigured: OfChannel & { readonly definition: ChannelDefinition; readonly fingerprint: string };
}
export type ChannelEventType = keyof ChannelEventData;
export type ChannelEvent = { readonly [K in ChannelEventType]: { readonly type: K; readonly data: ChannelEventData[K] } }[ChannelEventType];

const EVERY_TYPE: Readonly<Record<ChannelEventType, true>> = {
  ChannelCreated: true,
  ChannelSecretRotated: true,
  ChannelDisabled: true,
  ChannelEnabled: true,
  ChannelDeleted: true,
  ChannelReconfigured: true,
};
export const CHANNEL_EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly ChannelEventType[];

export interface ChannelCommandData {
  readonly CreateChannel: ByHand & { readonly definition: ChannelDefinition; readonly fingerprint: string };
  readonly RotateSecret: ByHand & { readonly fingerprint: string; readonly formerUntil: string };
  readonly DisableChannel: { readonly reason: string };
  readonly EnableChannel: ByHand;
  readonly DeleteChannel: ByHand;
  /** As the configuration file has it now: made where there is none of its name. */
  readonly ConfigureChannel: { readonly definition: ConfiguredDefinition; readonly fingerprint: string };
  /** The configuration file does not have it any more. */
  readonly RemoveConfigured: Record<never, never>;
}
export type ChannelCommand = {
  readonly [K in keyof ChannelCommandData]: { readonly type: K; readonly data: ChannelCommandData[K] };
}[keyof ChannelCommandData];

export interface Channel {
  readonly channelId: number;
  readonly definition: ChannelDefinition;
  readonly state: 'active' | 'disabled';
  /** Of the secret that counts now. */
  readonly fingerprint: string;
  readonly createdAt: string;
  /** Since when it is active, or was last. */
  readonly activeSince: string;
  readonly disabledAt: string | null;
  readonly disabledBecause: string | null;
}

/** All channels that are not deleted, by their ids. */
export type Channels = ReadonlyMap<number, Channel>;

export function evolveChannels(channels: Channels, { type, data }: ChannelEvent): Channels {
  const { channelId, at } = data;
  const next = new Map(channels);
  if (type === 'ChannelCreated') {
    const { definition, fingerprint } = data;
    return next.set(channelId, {
      ...{ channelId, definition, fingerprint, state: 'active', createdAt: at, activeSince: at, disabledAt: null, disabledBecause: null },
    });
  }
  const channel = channels.get(channelId);
  if (!channel) return channels;
  switch (type) {
    case 'ChannelSecretRotated':
      return next.set(channelId, { ...channel, fingerprint: data.fingerprint });
    case 'ChannelReconfigured':
      return next.set(channelId, { ...channel, definition: data.definition, fingerprint: data.fingerprint });
    case 'ChannelDisabled':
      return next.set(channelId, { ...channel, state: 'disabled', disabledAt: at, disabledBecause: data.reason });
    case 'ChannelEnabled':
      return next.set(channelId, { ...channel, state: 'active', activeSince: at, disabledAt: null, disabledBecause: null });
    case 'ChannelDeleted':
      next.delete(channelId);
      return next;
    default:
      return type satisfies never;
  }
}

/** @throws DomainError channel.not-found */
export function knownChannel(channelId: number, channels: Channels): Channel {
  const channel = channels.get(channelId);
  if (channel) return channel;
  throw new DomainError('channel.not-found', `There is no channel ${channelId}, or it was deleted.`);
}

/** The channel that the configuration file calls so. */
export const configuredChannel = (name: string, channels: Channels): Channel | undefined =>
  [...channels.values()].find(({ definition }) => definition.configured === name);

function assertRoom(channels: Channels): void {
  if (channels.size >= MAX_CHANNELS)
    throw new DomainError('channel.too-many', `There are ${MAX_CHANNELS} channels, which is as many as may be: delete some.`);
}

/** @param what that can be done, in the file @throws DomainError channel.configured */
export function assertNotConfigured({ channelId, definition: { configured } }: Channel, what: string): void {
  if (configured === undefined) return;
  throw new DomainError('channel.configured', `Channel ${channelId} (${configured}) stands in the configuration file: ${what} there.`);
}

const textOf = (definition: ChannelDefinition): string => canonicalJson(definition as unknown as JsonObject);

function configure(
  channelId: number,
  { definition, fingerprint }: ChannelCommandData['ConfigureChannel'],
  channels: Channels,
  at: string,
): readonly ChannelEvent[] {
  const known = configuredChannel(definition.configured, channels);
  if (!known) {
    assertRoom(channels);
    return [{ type: 'ChannelCreated', data: { channelId, at, definition, fingerprint } }];
  }
  const isSame = known.fingerprint === fingerprint && textOf(known.definition) === textOf(definition);
  return isSame ? [] : [{ type: 'ChannelReconfigured', data: { channelId: known.channelId, at, definition, fingerprint } }];
}

/** @param now ISO 8601, UTC @throws DomainError channel.* */
export function decideChannel(channelId: number, command: ChannelCommand, channels: Channels, now: string): readonly ChannelEvent[] {
  const fact = { channelId, at: now };
  if (command.type === 'CreateChannel') {
    if (channels.has(channelId)) return [];
    assertRoom(channels);
    const { definition, fingerprint } = command.data;
    return [{ type: 'ChannelCreated', data: { ...fact, definition, fingerprint, ...byHand(command.data) } }];
  }
  if (command.type === 'ConfigureChannel') return configure(channelId, command.data, channels, now);
  if ((command.type === 'DisableChannel' || command.type === 'RemoveConfigured') && !channels.has(channelId)) return [];
  const channel = knownChannel(channelId, channels);
  const { definition, state } = channel;
  switch (command.type) {
    case 'RotateSecret': {
      assertNotConfigured(channel, 'change its secret');
      if (definition.kind !== 'webhook')
        throw new DomainError('channel.no-secret', `Channel ${channelId} signs nothing: only webhooks have a secret.`);
      const { fingerprint, formerUntil } = command.data;
      return [{ type: 'ChannelSecretRotated', data: { ...fact, fingerprint, formerUntil, ...byHand(command.data) } }];
    }
    case 'DisableChannel': {
      const { kind, destination } = definition;
      return state === 'disabled' ? [] : [{ type: 'ChannelDisabled', data: { ...fact, reason: command.data.reason, kind, destination } }];
    }
    case 'EnableChannel':
      return state === 'active' ? [] : [{ type: 'ChannelEnabled', data: { ...fact, ...byHand(command.data) } }];
    case 'RemoveConfigured':
      return [{ type: 'ChannelDeleted', data: fact }];
    case 'DeleteChannel':
      assertNotConfigured(channel, 'remove it');
      return [{ type: 'ChannelDeleted', data: { ...fact, ...byHand(command.data) } }];
    default:
      return command satisfies never;
  }
}
