import fc from 'fast-check';
import { isFinalEventType, WORKFLOW_EVENT_TYPES } from '../../../src/domain/workflow/events/workflow-events.js';
import { evolve } from '../../../src/domain/workflow/evolve.js';
import { isFinalRunState } from '../../../src/domain/workflow/lifecycle.js';
import { isFinalTimelineType, timelineEntry } from '../../../src/domain/workflow/timeline.js';
import { initialWorkflow } from '../../../src/domain/workflow/workflow.state.js';
import { randomRuns } from '../../integration/read-models/support/random-log.js';

/** It takes a plan too large for one append; the read models' tests have such plans of their own. */
const TOO_LARGE_FOR_RANDOM_RUNS = 'PlanPartRecorded';

const runs = fc.sample(randomRuns(3), { numRuns: 400, seed: 1 }).flat();

describe('every type of event', () => {
  it('is in the random runs, from which the read models are compared with the fold of the log', () => {
    const produced = new Set(runs.flatMap(({ events }) => events.map(({ type }) => type as string)));
    expect(WORKFLOW_EVENT_TYPES.filter((type) => !produced.has(type))).toEqual([TOO_LARGE_FOR_RANDOM_RUNS]);
  });

  it('is called final, as is its entry of the timeline, where it ends its run, and nowhere else', () => {
    for (const { workflowId, events } of runs) {
      let run = initialWorkflow(workflowId);
      for (const [revision, event] of events.entries()) {
        const wasOver = run.state !== undefined && isFinalRunState(run.state);
        run = evolve(run, event);
        const ends = !wasOver && run.state !== undefined && isFinalRunState(run.state);
        const entry = timelineEntry(event, revision);
        expect({ type: event.type, final: isFinalEventType(event.type) }).toEqual({ type: event.type, final: ends });
        if (entry) expect({ type: entry.type, final: isFinalTimelineType(entry.type) }).toEqual({ type: entry.type, final: ends });
      }
    }
  });
});
