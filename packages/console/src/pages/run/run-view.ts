/** What of a run is shown, as its address says it. */
export interface RunView {
  /** The step that is selected. */
  readonly step?: number;
  /** The revision as of which the run is shown; absent where it is live. */
  readonly at?: number;
  readonly as?: 'waterfall' | 'steps';
}

/** What an address says; what it cannot mean is left out. */
export function runViewOf({ step, at, as }: Record<string, unknown>): RunView {
  const isNumber = (value: unknown, least: number): boolean =>
    value !== '' && typeof value !== 'boolean' && Number.isSafeInteger(Number(value)) && Number(value) >= least;
  return {
    ...(isNumber(step, 1) && { step: Number(step) }),
    ...(at != null && isNumber(at, 0) && { at: Number(at) }),
    ...((as === 'waterfall' || as === 'steps') && { as }),
  };
}
