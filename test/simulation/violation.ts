/** A sentence of docs/invariants.md that does not hold. */
export interface Violation {
  readonly invariant: number;
  readonly message: string;
  /** Which fault of the engine, known by name, shows itself so. */
  readonly kind: string;
}

export type Report = (invariant: number, kind: string, message: string) => void;
