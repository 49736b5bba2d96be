import fc from 'fast-check';
import { TIMELINE_TYPES, timelineEntry } from '../../../src/domain/workflow/timeline.js';
import { randomRuns } from '../../integration/read-models/support/random-log.js';

it('there is no timeline type that no event produces', () => {
  const runs = fc.sample(randomRuns(3), { numRuns: 400, seed: 1 }).flat();
  const produced = runs.flatMap(({ events }) => events.map((event, revision) => timelineEntry(event, revision)?.type));
  const missing = TIMELINE_TYPES.filter((type) => !produced.includes(type));
  expect(missing).toEqual([]);
});
