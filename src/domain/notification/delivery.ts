import type { ByHand } from '../workflow/events/workflow-events.js';
import { byHand } from '../workflow/by-hand.js';
import { DomainError } from '../workflow/workflow.errors.js';
import { DigestList } from './digest-list.js';
import type { Notification } from './notification.js';

/** Pauses before the second try and those after it, in milliseconds; the last one counts on. */
export const RETRY_PAUSES_MS = [5_000, 30_000, 2 * 60_000, 10 * 60_000, 60 * 60_000] as const;
/** No try begins later than this after the first one began, in milliseconds: while no engine ran, nothing was tried. */
export const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;
/** How far a pause is drawn out at most, as a part of it. */
export const PAUSE_JITTER = 0.1;
/** Who began a try and has not said how it ended within this time is taken to be gone, in milliseconds. */
export const LEASE_MS = 60_000;
/** Notifications that a digest lists; of more it has the number. */
export const MOST_IN_DIGEST = 100;
/** Notifications in one digest; what comes then begins another. */
export const LARGEST_DIGEST = 500;

/** How a try ended: with an answer, or without one. */
export interface TryOutcome {
  /** Of HTTP, or of SMTP. */
  readonly statusCode?: number;
  readonly error?: string;
}

interface OfDelivery {
  readonly deliveryId: string;
  readonly channelId: number;
  readonly at: string;
}

/** Names and fields are for ever. */
export interface DeliveryEventData {
  /** `digestId`: it is told as a part of that digest, and not by itself. */
  readonly DeliveryPlanned: OfDelivery & { readonly notification: Notification; readonly dueAt: string; readonly digestId?: string };
  /** To a digest that nobody has begun to send. */
  readonly NotificationAdded: OfDelivery & { readonly of: string; readonly notification: Notification };
  readonly DeliveryTryBegun: OfDelivery & { readonly try: number; readonly worker: string; readonly until: string };
  readonly DeliveryFailed: OfDelivery & TryOutcome & { readonly try: number; readonly nextAt: string };
  readonly DeliverySucceeded: OfDelivery & TryOutcome & { readonly try: number };
  readonly DeliveryGivenUp: OfDelivery & TryOutcome & { readonly try: number; readonly reason: string };
  readonly RedeliveryRequested: OfDelivery & ByHand;
}
export type DeliveryEventType = keyof DeliveryEventData;
export type DeliveryEvent<T extends DeliveryEventType = DeliveryEventType> = {
  readonly [K in T]: { readonly type: K; readonly data: DeliveryEventData[K] };
}[T];

const EVERY_TYPE: Readonly<Record<DeliveryEventType, true>> = {
  DeliveryPlanned: true,
  NotificationAdded: true,
  DeliveryTryBegun: true,
  DeliveryFailed: true,
  DeliverySucceeded: true,
  DeliveryGivenUp: true,
  RedeliveryRequested: true,
};
export const DELIVERY_EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly DeliveryEventType[];

export interface DeliveryCommandData {
  readonly PlanDelivery: {
    readonly channelId: number;
    readonly notification: Notification;
    readonly dueAt: string;
    readonly digestId?: string;
  };
  /** @param of id of the delivery that stands for the notification */
  readonly AddNotification: { readonly of: string; readonly notification: Notification };
  readonly BeginTry: { readonly worker: string };
  readonly RecordSuccess: { readonly try: number; readonly outcome: TryOutcome };
  /** @param jitter from 0 to 1 @param isFinal another try cannot help @param retryAfterMs how long the receiver asks to be left alone */
  readonly RecordFailure: {
    readonly try: number;
    readonly outcome: TryOutcome;
    readonly jitter: number;
    readonly isFinal?: boolean;
    readonly retryAfterMs?: number;
  };
  /** Nobody is to be told any more. @param dueUntil only where it was due by then, and still is */
  readonly DropDelivery: { readonly reason: string; readonly dueUntil?: string };
  readonly Redeliver: ByHand;
}
export type DeliveryCommand = {
  readonly [K in keyof DeliveryCommandData]: { readonly type: K; readonly data: DeliveryCommandData[K] };
}[keyof DeliveryCommandData];

export const DELIVERY_STATES = ['pending', 'sending', 'delivered', 'given_up', 'in_digest'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATES)[number];

export interface Delivery {
  readonly deliveryId: string;
  readonly channelId: number;
  readonly notification: Notification;
  readonly digestId: string | null;
  readonly status: DeliveryStatus;
  readonly plannedAt: string;
  /** When the first try began, of those that the last wish for a delivery led to; null where none has. */
  readonly firstTriedAt: string | null;
  /** When a try is due, or the one under way counts as lost; null where none is to come. */
  readonly dueAt: string | null;
  /** Tries that were begun. */
  readonly tries: number;
  /** Of those: since it was last asked for. */
  readonly triesOfThisTime: number;
  /** Of a digest: what it tells. */
  readonly added: DigestList;
}

/** Undefined: it was never planned. */
export type DeliveryState = Delivery | undefined;

export function evolveDelivery(state: DeliveryState, { type, data }: DeliveryEvent): DeliveryState {
  if (type === 'DeliveryPlanned') {
    const { deliveryId, channelId, notification, at, dueAt, digestId } = data;
    const waits = digestId === undefined;
    return {
      ...{ deliveryId, channelId, notification, digestId: digestId ?? null, status: waits ? 'pending' : 'in_digest' },
      ...{
        plannedAt: at,
        firstTriedAt: null,
        dueAt: waits ? dueAt : null,
        tries: 0,
        triesOfThisTime: 0,
        added: DigestList.EMPTY,
      },
    };
  }
  if (!state) return state;
  switch (type) {
    case 'NotificationAdded': {
      const { of, notification } = data;
      return { ...state, added: state.added.with({ of, notification }) };
    }
    case 'DeliveryTryBegun':
      return {
        ...{ ...state, status: 'sending', dueAt: data.until, tries: data.try, triesOfThisTime: state.triesOfThisTime + 1 },
        firstTriedAt: state.firstTriedAt ?? data.at,
      };
    case 'DeliveryFailed':
      return { ...state, status: 'pending', dueAt: data.nextAt };
    case 'DeliverySucceeded':
      return { ...state, status: 'delivered', dueAt: null };
    case 'DeliveryGivenUp':
      return { ...state, status: 'given_up', dueAt: null };
    case 'RedeliveryRequested':
      return { ...state, status: 'pending', firstTriedAt: null, dueAt: data.at, triesOfThisTime: 0 };
    default:
      return type satisfies never;
  }
}

/** @throws DomainError delivery.not-found */
export function knownDelivery(deliveryId: string, state: DeliveryState): Delivery {
  if (state) return state;
  throw new DomainError('delivery.not-found', `There is no delivery ${deliveryId}.`);
}

/** Of a digest: whether nobody has begun to send it, and it has room. */
export const takesMore = ({ status, tries, added }: Delivery): boolean =>
  status === 'pending' && tries === 0 && added.length < LARGEST_DIGEST;

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

function failed(
  state: Delivery,
  { outcome, jitter, isFinal, retryAfterMs = 0 }: DeliveryCommandData['RecordFailure'],
  now: string,
): DeliveryEvent {
  const { deliveryId, channelId, tries, triesOfThisTime, firstTriedAt } = state;
  const fact = { deliveryId, channelId, at: now, try: tries, ...outcome };
  const pause = RETRY_PAUSES_MS[Math.min(triesOfThisTime, RETRY_PAUSES_MS.length) - 1] ?? RETRY_PAUSES_MS[0];
  const nextAt = later(now, Math.max(retryAfterMs, Math.round(pause * (1 + PAUSE_JITTER * jitter))));
  if (isFinal) return { type: 'DeliveryGivenUp', data: { ...fact, reason: 'another try cannot help' } };
  if (nextAt > later(firstTriedAt ?? now, GIVE_UP_AFTER_MS))
    return { type: 'DeliveryGivenUp', data: { ...fact, reason: 'no try succeeded for a day' } };
  return { type: 'DeliveryFailed', data: { ...fact, nextAt } };
}

/** A repeat, and what came too late, decides nothing. @param now ISO 8601, UTC @throws DomainError delivery.* */
export function decideDelivery(deliveryId: string, command: DeliveryCommand, state: DeliveryState, now: string): readonly DeliveryEvent[] {
  if (command.type === 'PlanDelivery') return state ? [] : [{ type: 'DeliveryPlanned', data: { deliveryId, at: now, ...command.data } }];
  const delivery = knownDelivery(deliveryId, state);
  const { channelId, status, dueAt, tries } = delivery;
  const fact = { deliveryId, channelId, at: now };
  switch (command.type) {
    case 'AddNotification': {
      return delivery.added.has(command.data.of) || !takesMore(delivery)
        ? []
        : [{ type: 'NotificationAdded', data: { ...fact, ...command.data } }];
    }
    case 'BeginTry': {
      if (dueAt === null || dueAt > now) return [];
      const { worker } = command.data;
      return [{ type: 'DeliveryTryBegun', data: { ...fact, try: tries + 1, worker, until: later(now, LEASE_MS) } }];
    }
    case 'RecordSuccess':
      // One that another try was begun after: it has arrived all the same.
      if (status === 'delivered' || status === 'in_digest') return [];
      return [{ type: 'DeliverySucceeded', data: { ...fact, try: command.data.try, ...command.data.outcome } }];
    case 'RecordFailure':
      return status === 'sending' && command.data.try === tries ? [failed(delivery, command.data, now)] : [];
    case 'DropDelivery':
      if (status !== 'pending' && status !== 'sending') return [];
      if (command.data.dueUntil !== undefined && dueAt! > command.data.dueUntil) return [];
      return [{ type: 'DeliveryGivenUp', data: { ...fact, try: tries, reason: command.data.reason } }];
    case 'Redeliver':
      if (status === 'in_digest')
        throw new DomainError(
          'delivery.in-digest',
          `Delivery ${deliveryId} was told as a part of ${delivery.digestId}: have that delivered again.`,
        );
      // It is under way, or about to be.
      if (status === 'sending' || (status === 'pending' && dueAt! <= now)) return [];
      return [{ type: 'RedeliveryRequested', data: { ...fact, ...byHand(command.data) } }];
    default:
      return command satisfies never;
  }
}
