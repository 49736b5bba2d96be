import { randomUUID } from 'node:crypto';
import type { EventFeed } from '../../../../src/application/ports/event-feed.js';
import type { NewEvent } from '../../../../src/application/ports/event-log.js';
import { packIntoAppends } from '../../../../src/application/workflow/pack-into-appends.js';
import { newEventOf, workflowStream } from '../../../../src/application/workflow/workflow-codec.js';
import type { Database } from '../../../../src/infrastructure/read-models/database/database.js';
import { ProjectionRunner } from '../../../../src/infrastructure/read-models/projection/projection-runner.js';
import type { FactOf } from '../../../../src/infrastructure/read-models/projection/project-batch.js';
import { PROJECTIONS } from '../../../../src/infrastructure/read-models/projection/projections.js';
import { ReadModelPositions } from '../../../../src/infrastructure/read-models/projection/read-model-positions.js';
import { rebuildReadModels } from '../../../../src/infrastructure/read-models/projection/rebuild.js';
import { METADATA } from '../../../contract/event-store/support/sample-events.js';
import type { TestStore } from '../../../application/support/test-store.js';
import { LogRecorder } from '../../../application/support/log-recorder.js';
import type { Run } from './run.js';
import { tablesOf, type Tables } from './tables.js';

/** What one node does to keep the read models up to date. */
export class Projector {
  readonly logger = new LogRecorder();
  readonly positions: ReadModelPositions;
  private runner: ProjectionRunner | undefined;

  constructor(
    private readonly database: Database,
    private readonly store: TestStore,
    private readonly feed: EventFeed = store.feed,
  ) {
    this.positions = new ReadModelPositions(database, store.feed);
  }

  /** @param read what its version of the engine understands */
  start(read?: FactOf, projections = PROJECTIONS): void {
    this.runner = new ProjectionRunner(this.database, this.feed, this.store.log, this.positions, this.logger, projections, read);
    this.runner.start();
  }

  async stop(): Promise<void> {
    await this.runner?.stop();
    this.runner = undefined;
  }

  /** Waits until the read models have all that the log holds. */
  async caughtUp(ms = 60_000): Promise<void> {
    const head = await this.store.log.headPosition();
    if (!(await this.positions.waitFor(head, ms)))
      throw new Error(`the read models did not reach ${head}: ${this.logger.lines.join('; ')}`);
  }
}

/** Stores a run's events from the given one on. */
export async function store({ log }: TestStore, run: Run, from = 0): Promise<void> {
  const decisions = run.events.slice(from).map((event): NewEvent[] => [newEventOf(event, randomUUID(), METADATA)]);
  let revision = from - 1;
  for (const part of packIntoAppends(decisions)) {
    ({ revision } = await log.append(workflowStream(run.workflowId), part, revision < 0 ? 'no-stream' : revision));
  }
}

/** The rows as they should be: made anew from the log. */
export async function rebuilt(database: Database, { feed, log }: TestStore): Promise<Tables> {
  await rebuildReadModels(database, feed, log, [], () => undefined);
  return tablesOf(database);
}
