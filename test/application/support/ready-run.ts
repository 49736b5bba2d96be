import { until } from '@lifeos/test-support';
import type { JsonObject } from '../../../src/domain/json.js';
import { ScheduleReadySteps } from '../../../src/application/workflow/schedule-ready-steps.command.js';
import { step, submitPlan } from './submissions.js';
import type { TestApplication } from './test-application.js';
import type { TestStore } from './test-store.js';

/** A run of independent steps of the tool `echo`, all of them ready. */
export async function readyRun(app: TestApplication, count = 1): Promise<number> {
  const { workflowId } = await submitPlan(app, ...Array.from({ length: count }, (_, n) => step(`s${n}`)));
  await app.execute(new ScheduleReadySteps({ workflowId }));
  return workflowId;
}

/** What the log of a store holds of runs. */
export function historyIn(store: () => TestStore) {
  return {
    /** Resolves once the run has so many events of the type. */
    reaches: (workflowId: number, type: string, count = 1): Promise<void> =>
      until(`${count} × ${type}`, async () => (await store().typesOf(workflowId)).filter((one) => one === type).length >= count),
    /** The data of a run's events of one type. */
    dataOf: async (workflowId: number, type: string): Promise<readonly JsonObject[]> =>
      (await store().eventsOf(workflowId)).filter((event) => event.type === type).map(({ data }) => data),
  };
}
