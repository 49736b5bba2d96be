import type { Channel, ChannelKind } from '../../domain/notification/channel.js';
import { NOTIFICATION_TYPES, type ChannelFilter, type NotificationType } from '../../domain/notification/notification.js';
import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import { ApplicationError } from '../application.errors.js';
import type { Actor } from '../ports/event-log.js';
import { AddressRefused } from '../ports/notifications.js';

/** What a person does about a channel, and why. */
export interface ChannelAct extends ByHand {
  readonly channelId: number;
  readonly actor: Actor;
}

/** A channel as it is to be. */
export interface NewChannel extends ByHand {
  readonly kind: ChannelKind;
  /** Of the web or of mail. */
  readonly address: string;
  /** Every one where it is absent. */
  readonly events?: readonly NotificationType[];
  readonly filter?: ChannelFilter;
  readonly actor: Actor;
}

export const eventsOf = ({ events }: Pick<NewChannel, 'events'>): readonly NotificationType[] =>
  NOTIFICATION_TYPES.filter((type) => events === undefined || events.length === 0 || events.includes(type));

/** A channel after what was asked of it. */
export interface ChangedChannel {
  readonly channelId: number;
  readonly state: Channel['state'] | 'deleted';
  readonly position: bigint;
}

/** @throws ApplicationError channel.address-refused, channel.no-mail-server */
export async function refusingAddresses<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof AddressRefused) throw new ApplicationError(error.code, error.message);
    throw error;
  }
}
