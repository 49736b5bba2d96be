/** A fault of the engine that the simulation has found and that is not mended yet. */
export interface KnownFault {
  readonly invariant: number;
  /** How the checker names it. */
  readonly kind: string;
  readonly seeds: readonly number[];
  readonly explanation: string;
}

/**
 * Passed over in just these seeds, unless SIMULATION_STRICT=1. A change of the engine or of the simulation gives the seeds other histories: then what is left of this list is found anew.
 */
export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    invariant: 12,
    kind: 'call-after-cancel',
    seeds: [209, 282, 343, 736, 786],
    explanation:
      'StepStarted is stored and its answer slow; a cancel is stored and acknowledged by another worker; then the answer comes, before the cancellation does over the feed, and StepExecutor.run calls the tool without a look at the log.',
  },
  {
    invariant: 16,
    kind: 'call-after-outcome',
    seeds: [6, 176, 729, 751, 773],
    explanation:
      'StepStarted is stored and its answer slow; the delivery goes to another worker, which takes the attempt for interrupted and records StepFailed; then the answer comes and StepExecutor.run calls the tool of an attempt that is over.',
  },
  {
    invariant: 14,
    kind: 'double-order',
    seeds: [1253, 1267],
    explanation:
      'The answer to RetryDeadLetter is lost, the step is dead-lettered again, and the repeat of the command counts as a second order: StepDeadLettered clears retriedArgsHash, by which letterOf knows a repeat.',
  },
];
