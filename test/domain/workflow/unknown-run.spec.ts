import { approve, cancel, fail, recordPlan, recordPlanFailure, reject, retry, schedule, start, succeed } from '../support/commands.js';
import { plannedStep } from '../support/planned-steps.js';
import { given } from '../support/scenario.js';

const commands = [
  recordPlan(plannedStep(1)),
  recordPlanFailure,
  schedule(),
  start(1),
  succeed(1),
  fail(1),
  retry(1, 2),
  approve(11),
  reject(11),
  cancel(),
];

describe('a run that was never submitted', () => {
  it.each(commands.map((command) => [command.type, command] as const))('refuses %s as workflow.not-found', (_, command) => {
    given()
      .when(command)
      .thenRefused('workflow.not-found', /There is no workflow 42/);
  });
});
