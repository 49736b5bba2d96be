import { advanceRun } from './advance-run.saga.js';
import { compensateCancelled } from './compensate-cancelled.saga.js';
import { continueRun } from './continue-run.saga.js';
import { planSubmittedIntent } from './plan-submitted-intent.saga.js';
import type { Saga } from './saga.js';

/** Every saga of the engine. A failed attempt's retry is not here: it waits for its time (see `execution/timers.ts`). */
export const SAGAS: readonly Saga[] = [planSubmittedIntent, advanceRun, continueRun, compensateCancelled];
