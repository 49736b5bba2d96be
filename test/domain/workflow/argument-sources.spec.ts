import { sourcesOf } from '../../../src/domain/workflow/argument-sources.js';
import { stepOf } from '../../../src/domain/workflow/workflow.state.js';
import { fail, HOPELESS, schedule, start, submit, succeed, tryAgain } from '../support/commands.js';
import { plannedStep } from '../support/planned-steps.js';
import { given } from '../support/scenario.js';

const steps = [
  plannedStep(1, { name: 'Search' }),
  plannedStep(2, {
    dependsOn: ['s1'],
    args: { job: { $from: 's1', path: '/jobs/0' }, list: ['own', { $from: 's1', path: '/total' }], 'a/b': { $from: 's1' }, text: 'own' },
  }),
];
const output = { jobs: [{ id: 1, title: 'Baker' }], total: 7 };
const TOOL = { toolVersion: '1.0.0', riskLevel: 'L0', effect: 'idempotent', timeoutMs: 1_000, retry: steps[0]!.retry } as const;

describe('the sources of arguments', () => {
  const begun = [submit(steps), schedule(), start(1), succeed(1, output), schedule()] as const;
  const from = (place: string): object => ({ place, stepId: 1, stepName: 'Search' });

  it('are the places that were filled from the outputs of other steps', () => {
    const { state } = given(...begun);
    const step = stepOf(state, 2)!;
    expect(sourcesOf(step, step.args!, state)).toEqual([from('/job'), from('/list/1'), from('/a~1b')]);
    expect(sourcesOf(stepOf(state, 1)!, stepOf(state, 1)!.args!, state)).toEqual([]);
  });

  it('are only those that a person left as they were', () => {
    const edited = { job: { title: 'Baker', id: 1 }, list: ['own', 8], text: 'own' };
    const { state } = given(...begun, start(2), fail(2, HOPELESS), tryAgain(2, edited, TOOL), schedule());
    expect(sourcesOf(stepOf(state, 2)!, edited, state)).toEqual([from('/job')]);
  });
});
