import type { Waiting } from '../../../application/queries/get-waiting.js';
import type { LoggedEntry } from '../../../application/timeline/logged-entry.js';
import { presentWait } from '../workflows/workflow.responses.js';

export interface WaitingOptions {
  /** What the run waits for now. */
  readonly ask: () => Promise<Waiting>;
  /** How long nothing must have happened before it is asked, in milliseconds: between the steps of a run that goes on, nobody needs to. */
  readonly quietMs: number;
  /** The stream ends at the first wait. */
  readonly untilWaiting: boolean;
  /** Ends the entries: they may be waiting for the next event. */
  readonly endEntries: () => void;
}

/** A frame without an id: a client that reconnects resumes after the last event, and is told again. */
const frameOf = (workflowId: number, { waits }: Waiting): string =>
  `event: workflow_waiting\ndata: ${JSON.stringify({ workflow_id: workflowId, waiting_for: waits.map(presentWait) })}\n\n`;

/** Resolves after a time in which it was not put off. */
class Quiet {
  private readonly timer: NodeJS.Timeout;
  private resolve: (quiet: 'quiet') => void = () => undefined;

  constructor(ms: number) {
    this.timer = setTimeout(() => this.resolve('quiet'), ms);
  }

  /** From now on, afresh. */
  begins(): Promise<'quiet'> {
    this.timer.refresh();
    return new Promise((resolve) => (this.resolve = resolve));
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

/**
 * The frames of a run's entries, and one more whenever nothing goes on in the run until a person does something.
 * @param after revision of the last entry that the client has
 */
export async function* withWaiting(
  workflowId: number,
  after: number | undefined,
  entries: AsyncIterable<LoggedEntry>,
  textOf: (entry: LoggedEntry) => string,
  { ask, quietMs, untilWaiting, endEntries }: WaitingOptions,
): AsyncGenerator<string> {
  const iterator = entries[Symbol.asyncIterator]();
  const quiet = new Quiet(quietMs);
  let last = after;
  let isTold = false;
  try {
    let next = iterator.next();
    for (;;) {
      const came = isTold ? await next : await Promise.race([next, quiet.begins()]);
      if (came === 'quiet') {
        const waiting = await ask().catch(() => undefined);
        // What has been told by now may not be all that has happened: then more comes, and it is asked again.
        isTold = waiting !== undefined && last !== undefined;
        if (!waiting || waiting.waits.length === 0 || waiting.revision !== last) continue;
        yield frameOf(workflowId, waiting);
        if (untilWaiting) return;
      } else {
        if (came.done) return;
        last = came.value.id;
        isTold = false;
        yield textOf(came.value);
        next = iterator.next();
      }
    }
  } finally {
    quiet.end();
    endEntries();
    await iterator.return?.();
  }
}
