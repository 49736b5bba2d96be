/** The longest that one look counts for: a machine that stood still, or was busy with other things, does not use up the patience of those who wait on it. */
const LOOK_MS = 500;

/** How long somebody may look whether something has come about. */
export class Patience {
  private waited = 0;
  private last = performance.now();

  constructor(private readonly ms: number) {}

  get isOver(): boolean {
    const now = performance.now();
    this.waited += Math.min(now - this.last, LOOK_MS);
    this.last = now;
    return this.waited > this.ms;
  }
}

/**
 * Resolves once the condition holds; fails with what it waits for when it does not within `ms`, which bounds a test that fails and is no measure of one that
 * passes.
 */
export async function until(what: string | (() => string), condition: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
  const patience = new Patience(ms);
  while (!(await condition())) {
    if (patience.isOver) throw new Error(`still waiting for: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
