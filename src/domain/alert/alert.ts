import type { AlertKind } from './alert-rule.js';

/** Alerts that are over which are remembered. */
export const MOST_ENDED = 100;
/** A rule that no longer holds for less than this has not ended, in milliseconds: what comes and goes is told once. */
export const SETTLES_MS = 60_000;

interface OfAlert {
  /** The rule's name. */
  readonly alert: string;
  readonly kind: AlertKind;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Names and fields are for ever. */
export interface AlertEventData {
  /** `detail`: what was found, in a sentence for people. */
  readonly AlertBegan: OfAlert & { readonly detail: string };
  readonly AlertEnded: OfAlert & { readonly began: string; readonly why: 'no_longer' | 'rule_removed' };
}
export type AlertEventType = keyof AlertEventData;
export type AlertEvent = { readonly [K in AlertEventType]: { readonly type: K; readonly data: AlertEventData[K] } }[AlertEventType];

const EVERY_TYPE: Readonly<Record<AlertEventType, true>> = { AlertBegan: true, AlertEnded: true };
export const ALERT_EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly AlertEventType[];

export interface Alert {
  readonly name: string;
  readonly kind: AlertKind;
  readonly detail: string;
  readonly beganAt: string;
  /** Null while it goes on. */
  readonly endedAt: string | null;
}

export interface Alerts {
  /** Those that go on, by their rules' names. */
  readonly active: ReadonlyMap<string, Alert>;
  /** The last that are over, newest first. */
  readonly ended: readonly Alert[];
}

export const NO_ALERTS: Alerts = { active: new Map(), ended: [] };

export function evolveAlerts(alerts: Alerts, { type, data }: AlertEvent): Alerts {
  const active = new Map(alerts.active);
  const { alert: name, kind, at } = data;
  if (type === 'AlertBegan') {
    return { ...alerts, active: active.set(name, { name, kind, detail: data.detail, beganAt: at, endedAt: null }) };
  }
  const ended = active.get(name);
  active.delete(name);
  return { active, ended: ended ? [{ ...ended, endedAt: at }, ...alerts.ended].slice(0, MOST_ENDED) : alerts.ended };
}

/** What was found of a rule. */
export interface Finding {
  readonly name: string;
  readonly kind: AlertKind;
  /** `settled`: it has not held for long enough to say that it is over. `unknown`: nothing can be said for now. */
  readonly holds: 'yes' | 'settled' | 'unknown';
  readonly detail: string;
}

/**
 * What begins and what ends. A rule that begun is not begun again; one that is not there any more ends.
 * @param findings one of each rule that there is
 * @param now ISO 8601, UTC
 */
export function decideAlerts(findings: readonly Finding[], { active }: Alerts, now: string): readonly AlertEvent[] {
  const began = findings
    .filter(({ name, holds }) => holds === 'yes' && !active.has(name))
    .map(({ name, kind, detail }): AlertEvent => ({ type: 'AlertBegan', data: { alert: name, kind, at: now, detail } }));
  const ended = [...active.values()].flatMap(({ name, kind, beganAt }): AlertEvent[] => {
    const found = findings.find((one) => one.name === name);
    if (found && found.holds !== 'settled') return [];
    const why = found ? 'no_longer' : 'rule_removed';
    return [{ type: 'AlertEnded', data: { alert: name, kind, at: now, began: beganAt, why } }];
  });
  return [...began, ...ended];
}
