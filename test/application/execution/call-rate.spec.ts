import fc from 'fast-check';
import { CallRate } from '../../../src/application/execution/call-rate.js';

describe('the rate of calls', () => {
  it('lets so many begin in any stretch of that length, and says when there is room again', () => {
    const rate = new CallRate({ calls: 2, perMs: 100 });
    rate.take(0);
    expect(rate.room(30)).toBe(1);
    rate.take(30);
    expect([rate.room(30), rate.nextAt(30)]).toEqual([0, 100]);
    expect([rate.room(99), rate.room(100)]).toEqual([0, 1]);
    rate.take(100);
    expect(rate.nextAt(100)).toBe(130);
  });

  it('has room again for a call that did not begin', () => {
    const rate = new CallRate({ calls: 2, perMs: 100 });
    rate.take(0);
    rate.take(10);
    rate.giveBack(10);
    expect([rate.room(20), rate.room(100)]).toEqual([1, 2]);
    rate.giveBack(10);
    expect(rate.room(20)).toBe(2);
  });

  it('holds at every instant, however calls come (invariant 17)', () => {
    const limits = fc.record({ calls: fc.integer({ min: 1, max: 5 }), perMs: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(limits, fc.array(fc.integer({ min: 0, max: 20 })), (limit, pauses) => {
        const rate = new CallRate(limit);
        const begun: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          if (rate.room(now) <= 0) {
            expect(rate.nextAt(now)).toBeGreaterThan(now);
            continue;
          }
          rate.take(now);
          begun.push(now);
        }
        for (const from of begun)
          expect(begun.filter((at) => at >= from && at < from + limit.perMs).length).toBeLessThanOrEqual(limit.calls);
      }),
    );
  });
});
