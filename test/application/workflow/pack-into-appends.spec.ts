import fc from 'fast-check';
import { packIntoAppends } from '../../../src/application/workflow/pack-into-appends.js';
import { sampleEvent } from '../../contract/event-store/support/sample-events.js';

/** The event store refuses more in one append. */
const LIMIT = 1024 * 1024;

const eventOf = (bytes: number, text = 'x', type?: string) => sampleEvent({ text: text.repeat(bytes / Buffer.byteLength(text)) }, type);
const partOf = (bytes: number) => eventOf(bytes, 'x', 'PlanPartRecorded');
const sizeOf = (events: readonly object[]): number => Buffer.byteLength(JSON.stringify(events));

describe('decisions packed into appends', () => {
  it('are one append where they fit into one', () => {
    const decisions = [[eventOf(10)], [], [eventOf(10), eventOf(10)]];
    expect([...packIntoAppends(decisions)]).toEqual([decisions.flat()]);
  });

  it('are none where there is no event', () => {
    expect([...packIntoAppends([[], []])]).toEqual([]);
  });

  it('are not cut while each fits into one', () => {
    const decisions = [[eventOf(500_000), eventOf(100_000)], [eventOf(300_000), eventOf(300_000)], [eventOf(1)]];
    expect([...packIntoAppends(decisions)]).toEqual([decisions[0], [...decisions[1]!, ...decisions[2]!]]);
  });

  it('are cut behind parts of a plan where one alone is too large', () => {
    const decision = [partOf(500_000), partOf(500_000), partOf(300_000), eventOf(300_000)];
    expect([...packIntoAppends([decision])]).toEqual([[decision[0]], [decision[1], decision[2]], [decision[3]]]);
  });

  it('are never cut between a submission and the seal of its plan: alone it would be a run that nobody plans', () => {
    const decision = [partOf(700_000), eventOf(2_000, 'x', 'WorkflowSubmitted'), eventOf(899_000, 'x', 'WorkflowPlanned')];
    expect([...packIntoAppends([decision])]).toEqual([[decision[0]], [decision[1], decision[2]]]);
  });

  it('are measured in bytes, not characters', () => {
    expect([...packIntoAppends([[eventOf(600_000, 'ŝ')], [eventOf(600_000, '€')]])]).toHaveLength(2);
  });

  it('keep all events in their order, within the limit of the store', () => {
    // As the domain decides: what is not a part of a plan fits into one append.
    const size = fc.integer({ min: 1, max: 400_000 });
    const decision = fc.record({ parts: fc.array(size, { maxLength: 5 }), rest: fc.array(size, { maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 8 }), (sizes) => {
        const decisions = sizes.map(({ parts, rest }) => [...parts.map(partOf), ...rest.map((bytes) => eventOf(bytes))]);
        const appends = [...packIntoAppends(decisions)];
        expect(appends.flat().map(({ id }) => id)).toEqual(decisions.flat().map(({ id }) => id));
        for (const append of appends) {
          expect(append.length).toBeGreaterThan(0);
          expect(sizeOf(append)).toBeLessThan(LIMIT);
        }
        for (const events of decisions.filter((one) => one.length > 0 && sizeOf(one) < 800_000)) {
          expect(appends.filter((append) => events.some((event) => append.includes(event)))).toHaveLength(1);
        }
      }),
      { numRuns: 40 },
    );
  });
});
