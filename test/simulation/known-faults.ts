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
export const KNOWN_FAULTS: readonly KnownFault[] = [];
