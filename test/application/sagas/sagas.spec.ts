import { readdir } from 'node:fs/promises';
import { SAGAS } from '../../../src/application/sagas/sagas.js';

/**
 * What each consumer group is made with. The store fixes a group's event types when it makes the group: a saga that is to react to others needs a new name, and
 * then begins at the log's start.
 */
const GROUPS = {
  'plan-submitted-intent': ['WorkflowSubmitted'],
  'advance-run': ['WorkflowPlanned', 'StepSucceeded', 'StepSkipped', 'ApprovalGranted'],
  'continue-run': ['StepRetryRequested', 'WorkflowResumed', 'StartTimeReached'],
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
    expect(Object.fromEntries(SAGAS.map(({ name, reactsTo }) => [name, reactsTo]))).toEqual(GROUPS);
  });
});
