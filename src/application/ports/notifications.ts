import type { ChannelKind } from '../../domain/notification/channel.js';
import type { ChannelFilter, Notification, NotificationType } from '../../domain/notification/notification.js';

/** What a channel needs to send and nobody is shown: kept outside the log. */
export interface ChannelSecrets {
  /** Where it leads to: an address on the web, or of mail. */
  readonly address: string;
  /** With which messages are signed; absent where nothing is. */
  readonly secret?: string;
  /** The one before, which counts until then (ISO 8601, UTC). */
  readonly former?: { readonly secret: string; readonly until: string };
}

export interface SecretStore {
  /** Undefined where this node has none of the channel. */
  get(channelId: number): Promise<ChannelSecrets | undefined>;
  /** Answers once they are on disk. */
  put(channelId: number, secrets: ChannelSecrets): Promise<void>;
  remove(channelId: number): Promise<void>;
  /** Removes those of channels that are not wanted any more, and what was left half-written a while ago. */
  tidy(isWanted: (channelId: number, ageMs: number) => boolean): Promise<void>;
}

/** A notification on its way. */
export interface Message {
  /** The same for every try, on every node: receivers tell repeats by it. */
  readonly id: string;
  readonly notification: Notification;
  /** Where a person goes on from here. */
  readonly link: string;
  /** Of a digest: what it tells, … */
  readonly added: readonly { readonly notification: Notification; readonly link: string }[];
  /** … and how many there are. */
  readonly addedCount: number;
  /** ISO 8601, UTC. */
  readonly sentAt: string;
}

export type SendResult =
  | { readonly kind: 'sent'; readonly statusCode?: number }
  | {
      readonly kind: 'failed';
      /** For people; holds no secret. */
      readonly error: string;
      readonly statusCode?: number;
      /** How long the receiver asks to be left alone, in milliseconds. */
      readonly retryAfterMs?: number;
      /** The receiver says that it will never be there again. */
      readonly isGone?: boolean;
    };

export interface NotificationSender {
  /** What may be shown of an address. @throws AddressRefused where nothing may be sent to it */
  check(kind: ChannelKind, address: string): Promise<string>;
  /** Another secret than any before. */
  newSecret(): string;
  /** Tries once. What goes wrong is a value. */
  send(kind: ChannelKind, secrets: ChannelSecrets, message: Message): Promise<SendResult>;
}

/** The reason is a sentence for whoever gave the address. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  constructor(
    message: string,
    readonly code: 'channel.address-refused' | 'channel.no-mail-server' = 'channel.address-refused',
  ) {
    super(message);
  }
}

/** A channel as the configuration file has it. */
export interface ConfiguredChannel {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly address: string;
  /** Of a webhook: with which its messages are signed. */
  readonly secret?: string;
  readonly events?: readonly NotificationType[];
  readonly filter: ChannelFilter;
}

export interface NotificationSettings {
  /** Of this process, unique. */
  readonly worker: string;
  /** Where people reach the engine, e.g. `https://lifeos.example.org`; known once it listens. */
  readonly origin: () => string;
  /** Undefined: no file says anything of channels. */
  readonly channels?: readonly ConfiguredChannel[];
}

export const SECRET_STORE = Symbol('SecretStore');
export const NOTIFICATION_SENDER = Symbol('NotificationSender');
export const NOTIFICATION_SETTINGS = Symbol('NotificationSettings');
