import { planSubmittedIntent } from './plan-submitted-intent.saga.js';
import { releaseApprovedStep } from './release-approved-step.saga.js';
import type { Saga } from './saga.js';
import { scheduleDependents } from './schedule-dependents.saga.js';
import { startPlannedRun } from './start-planned-run.saga.js';

/** Every saga of the engine. A failed attempt's retry is not here: it waits for its time (see `execution/retry-timers.ts`). */
export const SAGAS: readonly Saga[] = [planSubmittedIntent, startPlannedRun, scheduleDependents, releaseApprovedStep];
