import { readdir } from 'node:fs/promises';
import { RUNS_EVENTS, RUNS_GROUP } from '../../../src/application/execution/run-deliveries.js';
import { SAGAS } from '../../../src/application/sagas/sagas.js';

/**
 * What each consumer group is made with. The store fixes a group's event types when it makes the group: a saga that is to react to others needs a new name, and
 * then begins at the log's start.
 */
const GROUPS = {
  runs: [
    'WorkflowPlanned',
    'StepReady',
    'StepSucceeded',
    'StepSkipped',
    'ApprovalGranted',
    'StepRetryRequested',
    'WorkflowResumed',
    'StartTimeReached',
  ],
  'plan-submitted-intent': ['WorkflowSubmitted'],
  'compensate-cancelled': ['WorkflowCancelled'],
};

describe('the list of sagas', () => {
  it('has every saga that there is a file of', async () => {
    const files = (await readdir(new URL('../../../src/application/sagas/', import.meta.url))).filter((file) => file.endsWith('.saga.ts'));
    const exported = await Promise.all(
      files.map(async (file) => Object.values((await import(`../../../src/application/sagas/${file}`)) as Record<string, unknown>)),
    );
    expect(new Set(exported.flat())).toEqual(new Set(SAGAS));
    expect(files).toHaveLength(SAGAS.length);
  });

  it('keeps the event types of every consumer group: another list needs another name', () => {
    const apart = SAGAS.filter(({ follows }) => follows === 'its own group').map(({ name, reactsTo }) => [name, reactsTo] as const);
    expect(Object.fromEntries([[RUNS_GROUP, RUNS_EVENTS], ...apart])).toEqual(GROUPS);
  });

  it('reacts within runs to what comes with them', () => {
    const within = SAGAS.filter(({ follows }) => follows === 'runs').flatMap(({ reactsTo }) => [...reactsTo]);
    expect(new Set([...within, 'StepReady'])).toEqual(new Set(RUNS_EVENTS));
  });
});
