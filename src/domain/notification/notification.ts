import type { JsonObject } from '../json.js';
import { isAtLeast, type RiskLevel } from '../risk/risk-level.js';
import type { WaitKind } from '../workflow/waiting.js';

/** What people can be told of. Part of the API: never rename one. */
export const NOTIFICATION_TYPES = [
  'approval.required',
  'approval.reminded',
  'approval.decided',
  'run.waiting',
  'run.failed',
  'run.finished',
  'dead_letter',
  'channel.disabled',
  'alert.began',
  'alert.ended',
] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

/** What a message can be about: one thing, a channel being tried, or many things that came at once. */
export type MessageType = NotificationType | 'test' | 'digest';

/** Where a message's link leads to, below the engine's address. */
export type Page = '/' | '/attention' | `/approvals/${number}` | `/runs/${number}`;

/** What somebody is told. Holds no arguments and outputs of steps: the page has them, and asks who looks. */
export interface Notification<T extends MessageType = MessageType> {
  readonly type: T;
  /** When it happened, ISO 8601, UTC. */
  readonly at: string;
  /** One line for people. */
  readonly title: string;
  readonly page: Page;
  /** For programs: snake_case, as in the API. */
  readonly data: JsonObject;
}

/** What a notification is about, as far as channels choose by it. */
export interface Subject {
  /** Whose run it is; null where it is about no run. */
  readonly userId: number | null;
  readonly tools: readonly string[];
  /** The highest of the steps that it is about; null where it is about none. */
  readonly risk: RiskLevel | null;
  /** Of a run that stands still: what holds it. */
  readonly waits: readonly WaitKind[];
}

export interface Told {
  readonly notification: Notification<NotificationType>;
  readonly subject: Subject;
}

/** Which notifications a channel takes: what is absent restricts nothing. */
export interface ChannelFilter {
  readonly userIds?: readonly number[];
  readonly tools?: readonly string[];
  readonly riskFrom?: RiskLevel;
}

const OF_NO_RUN: readonly NotificationType[] = ['channel.disabled', 'alert.began', 'alert.ended'];

/** What holds a run may have been told of by itself. */
const TOLD_OF_BY: Partial<Record<WaitKind, NotificationType>> = { approval: 'approval.required', dead_letter: 'dead_letter' };

/** Whether a channel is to be told. That a run stands still is not told to who is told of each thing that holds it. */
export function isFor(events: readonly NotificationType[], filter: ChannelFilter, { notification, subject }: Told): boolean {
  const { type } = notification;
  if (!events.includes(type)) return false;
  // About the engine and no run: nobody's filter is about that.
  if (OF_NO_RUN.includes(type)) return true;
  const { userIds, tools, riskFrom } = filter;
  if (userIds && (subject.userId === null || !userIds.includes(subject.userId))) return false;
  if (tools && !subject.tools.some((tool) => tools.includes(tool))) return false;
  if (riskFrom && (subject.risk === null || !isAtLeast(subject.risk, riskFrom))) return false;
  const isToldAnyway = (wait: WaitKind): boolean => {
    const by = TOLD_OF_BY[wait];
    return by !== undefined && events.includes(by);
  };
  return type !== 'run.waiting' || subject.waits.length === 0 || !subject.waits.every(isToldAnyway);
}
