import { BackgroundLoops } from '../../../src/application/background-loops.js';
import type { EventLog } from '../../../src/application/ports/event-log.js';
import type { StoredEvents } from '../../../src/application/workflow/stored-events.js';
import { WorkflowDecisions, type Decided } from '../../../src/application/workflow/workflow-decisions.js';
import { DomainError } from '../../../src/domain/workflow/workflow.errors.js';
import { sha256Fingerprint } from '../../../src/infrastructure/system/sha256-fingerprint.js';
import { SILENT } from '../../contract/event-store/support/quick-timings.js';
import { newId } from './new-id.js';
import { independentSteps, RunWriter } from './runs.js';
import { TestClock } from './test-clock.js';
import { WatchedLog } from './watched-log.js';

/** A process of its own, as far as the store can tell. */
export class Writer {
  readonly log: WatchedLog;
  readonly decisions: WorkflowDecisions;
  /** Appends that came to nothing because another process had written first. */
  conflicts = 0;

  constructor(
    log: EventLog,
    readonly clock = new TestClock(),
  ) {
    this.log = new WatchedLog(log);
    const watching = { stored: () => undefined, conflicted: () => (this.conflicts += 1) } as unknown as StoredEvents;
    this.decisions = new WorkflowDecisions(this.log, clock, sha256Fingerprint, watching, new BackgroundLoops(SILENT));
  }

  run(workflowId: number): RunWriter {
    return new RunWriter(this.decisions, workflowId);
  }

  /** A run of so many independent steps, which are all ready: revisions 0 to 1 + `steps`. */
  async readyRun(steps: number): Promise<RunWriter> {
    const run = this.run(newId());
    await run.submit(independentSteps(steps));
    await run.schedule();
    return run;
  }
}

/** What became of each of several commands: the types of its events, or the code (or the name) of its fault. */
export const outcomesOf = async (commands: readonly Promise<Decided>[]): Promise<(string | readonly string[])[]> =>
  (await Promise.allSettled(commands)).map((result) => {
    if (result.status === 'fulfilled') return result.value.events.map(({ type }) => type);
    return result.reason instanceof DomainError ? result.reason.code : (result.reason as Error).name;
  });
