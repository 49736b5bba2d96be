/** One measured value. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What is compared with the baseline: the value as a multiple of what the machine itself does (a flush), or the value where it does not depend on the machine. */
  readonly ratio?: number;
  /** Whether more is better. */
  readonly higherIsBetter?: boolean;
}

export interface Size {
  /** Multiplies how much is done; 1 for figures that are published. */
  readonly scale: number;
}

export interface Scenario {
  readonly name: string;
  readonly what: string;
  /** @param environment of the engine, as it differs from the embedded defaults */
  measure(environment: NodeJS.ProcessEnv, size: Size): Promise<readonly Figure[]>;
}
