import {
  decideAlerts,
  evolveAlerts,
  MOST_ENDED,
  NO_ALERTS,
  type AlertEvent,
  type Alerts,
  type Finding,
} from '../../../src/domain/alert/alert.js';

const T0 = '2026-03-01T10:00:00.000Z';
const T1 = '2026-03-01T10:05:00.000Z';
const found = (holds: Finding['holds'], name = 'stuck'): Finding => ({ name, kind: 'stuck_run', holds, detail: 'run 7 is stuck' });
const after = (...events: readonly AlertEvent[]): Alerts => events.reduce(evolveAlerts, NO_ALERTS);
const began: AlertEvent = { type: 'AlertBegan', data: { alert: 'stuck', kind: 'stuck_run', at: T0, detail: 'run 7 is stuck' } };
const ended: AlertEvent = { type: 'AlertEnded', data: { alert: 'stuck', kind: 'stuck_run', at: T1, began: T0, why: 'no_longer' } };

describe('alerts', () => {
  it('begin where a rule holds', () => {
    expect(decideAlerts([found('yes')], NO_ALERTS, T0)).toEqual([began]);
  });

  it('do not begin twice', () => {
    expect(decideAlerts([found('yes')], after(began), T1)).toEqual([]);
  });

  it('end where the rule has settled', () => {
    expect(decideAlerts([found('settled')], after(began), T1)).toEqual([ended]);
  });

  it('neither begin nor end while nothing can be said', () => {
    expect(decideAlerts([found('unknown')], NO_ALERTS, T0)).toEqual([]);
    expect(decideAlerts([found('unknown')], after(began), T1)).toEqual([]);
  });

  it('end where their rule is there no more', () => {
    expect(decideAlerts([], after(began), T1)).toEqual([{ ...ended, data: { ...ended.data, why: 'rule_removed' } }]);
  });

  it('begin again after their end', () => {
    expect(decideAlerts([found('yes')], after(began, ended), T1)).toMatchObject([{ type: 'AlertBegan' }]);
  });

  it('are told apart by the names of their rules', () => {
    expect(decideAlerts([found('yes'), found('yes', 'other')], after(began), T1)).toMatchObject([{ data: { alert: 'other' } }]);
  });

  it('remember the last that are over, the newest first', () => {
    const events = Array.from({ length: MOST_ENDED + 5 }, (_, n): AlertEvent[] => [
      { ...began, data: { ...began.data, at: `${n}`, detail: `${n}` } },
      { ...ended, data: { ...ended.data, began: `${n}` } },
    ]).flat();
    const { active, ended: over } = after(...events);
    expect(active.size).toBe(0);
    expect(over).toHaveLength(MOST_ENDED);
    expect(over[0]).toMatchObject({ detail: `${MOST_ENDED + 4}`, endedAt: T1 });
  });
});
