import fc from 'fast-check';
import { heldForMs, renewEveryMs, SeenLeases, type KnownNode } from '../../../src/domain/node/node-lease.js';

const LEASE = 15_000;
const node = (worker: string, startedAt = '2026-03-01T10:00:00.000Z'): KnownNode => ({
  ...{ worker, host: 'h', pid: 1, version: '1', startedAt, leaseMs: LEASE, running: 0, capacity: 1, at: startedAt },
});

/** Looks every so often, from `from` to `to`. */
function lookEvery(leases: SeenLeases, everyMs: number, from: number, to: number): void {
  for (let now = from; now <= to; now += everyMs) leases.looked(now);
}

describe('leases of other nodes', () => {
  it('run out when nothing was seen of them for their length, looking all the while', () => {
    const leases = new SeenLeases(LEASE);
    leases.see({ type: 'NodeLeaseRenewed', data: node('a') }, 0);
    lookEvery(leases, 5_000, 0, LEASE);
    expect(leases.isGone('a')).toBe(false);
    leases.looked(LEASE + 1);
    expect(leases.isGone('a')).toBe(true);
    leases.see({ type: 'NodeLeaseRenewed', data: node('a') }, LEASE + 2);
    expect(leases.isGone('a')).toBe(false);
  });

  it('are over at once for who has left, whatever is still seen of it', () => {
    const leases = new SeenLeases(LEASE);
    leases.looked(0);
    leases.see({ type: 'NodeLeft', data: { worker: 'a', at: '' } }, 1);
    leases.see({ type: 'NodeLeaseRenewed', data: node('a') }, 2);
    expect(leases.isGone('a')).toBe(true);
  });

  it('of one that was never seen begin with the first look', () => {
    const leases = new SeenLeases(LEASE);
    expect(leases.isGone('a')).toBe(false);
    lookEvery(leases, 5_000, 1_000, 1_000 + LEASE);
    expect(leases.isGone('a')).toBe(false);
    leases.looked(1_001 + LEASE);
    expect(leases.isGone('a')).toBe(true);
  });

  it('begin anew after a time in which the store answered nobody', () => {
    const leases = new SeenLeases(LEASE);
    leases.see({ type: 'NodeLeaseRenewed', data: node('a') }, 0);
    leases.looked(0);
    leases.looked(600_000);
    expect(leases.isGone('a')).toBe(false);
    lookEvery(leases, 5_000, 605_000, 600_000 + LEASE + 5_000);
    expect(leases.isGone('a')).toBe(true);
  });

  it('invariant 16: are never over for others before their holder has given up', () => {
    // The holder renews at some times; the observer looks at others, and sees with each look what was stored until then. Store and observer may be away for a while.
    const gaps = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gaps, gaps, fc.integer({ min: 0, max: 3_000 }), (renewals, looks, slowMs) => {
        const leases = new SeenLeases(LEASE);
        let now = 0;
        // Asked at, stored at: the answer, or the store, may be slow.
        const stored = renewals.map((gap) => ({ askedAt: (now += gap), storedAt: now + slowMs }));
        const heldUntil = (at: number): number =>
          Math.max(0, ...stored.filter(({ storedAt }) => storedAt <= at).map(({ askedAt }) => askedAt + heldForMs(LEASE)));
        let seen = 0;
        let clock = stored[0]!.storedAt;
        for (const gap of looks) {
          clock += gap;
          while (seen < stored.length && stored[seen]!.storedAt <= clock) {
            leases.see({ type: 'NodeLeaseRenewed', data: node('a') }, clock);
            seen++;
          }
          leases.looked(clock);
          if (leases.isGone('a')) expect(heldUntil(clock)).toBeLessThan(clock);
        }
      }),
    );
  });

  it('are renewed several times before they are counted as lost, and that is before they are over', () => {
    expect(renewEveryMs(LEASE) * 2).toBeLessThan(heldForMs(LEASE));
    expect(heldForMs(LEASE)).toBeLessThan(LEASE);
  });

  it('are listed, longest there first, and forgotten long after they are over', () => {
    const leases = new SeenLeases(LEASE);
    leases.see({ type: 'NodeLeaseRenewed', data: node('b', '2026-03-01T11:00:00.000Z') }, 0);
    leases.see({ type: 'NodeLeaseRenewed', data: node('a') }, 5);
    expect(leases.nodes(10).map(({ node: { worker }, seenAgoMs }) => [worker, seenAgoMs])).toEqual([
      ['a', 5],
      ['b', 10],
    ]);
    lookEvery(leases, 5_000, 10, LEASE * 11);
    expect(leases.nodes(LEASE * 11)).toEqual([]);
    expect(leases.isGone('a')).toBe(true);
  });
});
