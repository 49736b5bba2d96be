import { bySystem } from '../../../src/application/workflow/cause.js';
import type { Decided } from '../../../src/application/workflow/workflow-decisions.js';
import type { Json } from '../../../src/domain/json.js';
import type { StepError } from '../../../src/domain/workflow/events/workflow-events.js';
import type { TestApplication } from './test-application.js';

interface Attempt {
  readonly workflowId: number;
  readonly stepId: number;
  readonly attempt: number;
  readonly worker: string;
  readonly causedBy: string;
}

/** What the executor decides of an attempt, without it. */
export const startStep = (app: TestApplication, { workflowId, causedBy, ...data }: Attempt): Promise<Decided> =>
  app.decisions.execute(workflowId, { type: 'StartStep', data }, bySystem(data.worker, causedBy));

export const recordSuccess = (
  app: TestApplication,
  { workflowId, causedBy, ...data }: Attempt & { readonly output: Json },
): Promise<Decided> => app.decisions.execute(workflowId, { type: 'RecordStepSuccess', data }, bySystem(data.worker, causedBy));

export const recordFailure = (
  app: TestApplication,
  { workflowId, causedBy, ...data }: Attempt & { readonly error: StepError },
): Promise<Decided> => app.decisions.execute(workflowId, { type: 'RecordStepFailure', data }, bySystem(data.worker, causedBy));

/** What the retry timers decide. */
export const retryStep = (
  app: TestApplication,
  { workflowId, ...data }: Pick<Attempt, 'workflowId' | 'stepId' | 'attempt'>,
): Promise<Decided> => app.decisions.execute(workflowId, { type: 'RetryStep', data }, bySystem('retry-timer'));
