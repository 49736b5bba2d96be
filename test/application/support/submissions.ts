import type { PlanStep } from '../../../src/domain/plan/plan.js';
import { SubmitIntent, type Submission, type SubmittedRun } from '../../../src/application/workflow/submit-intent.command.js';
import type { TestApplication } from './test-application.js';

export const ACTOR = { kind: 'user', id: '7', authenticated: false } as const;

/** A step as a person writes it, which calls the tool `echo` with its own key. */
export const step = (key: string, change: Partial<PlanStep> = {}): PlanStep => ({
  key,
  name: `Step ${key}`,
  tool: 'echo',
  args: { text: key },
  dependsOn: [],
  ...change,
});

export const submit = (app: TestApplication, submission: Partial<Submission> = {}): Promise<SubmittedRun> =>
  app.execute(new SubmitIntent({ userId: 7, intent: 'an intent', actor: ACTOR, ...submission }));

export const submitPlan = (app: TestApplication, ...steps: readonly PlanStep[]): Promise<SubmittedRun> => submit(app, { plan: { steps } });
