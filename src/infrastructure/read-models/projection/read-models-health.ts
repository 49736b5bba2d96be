import type { HealthCheck } from '../../../application/ports/health.js';
import type { EventLog } from '../../../application/ports/event-log.js';
import type { Database } from '../database/database.js';
import type { MadeBeside, ReadModelPositions } from './read-model-positions.js';
import { PROJECTIONS } from './projections.js';
import { missingReadModels } from './read-model-tables.js';

const noteOf = ({ name, position, reason }: MadeBeside, head: bigint): string =>
  `${name} is being rebuilt beside: ${reason === undefined ? '' : 'stands still '}at position ${position ?? 0n} of ${head}${reason === undefined ? '' : `: ${reason}`}`;

/**
 * Whether the read models can be asked: their tables are there, and they hold what the log held when the engine started. From then on it only tells how far
 * they are: that they lag a little behind a log which is being written is ordinary. Rows of an older version are whole, and are read until others take their place.
 */
export class ReadModelsHealth implements HealthCheck {
  readonly name = 'read_models';
  private caughtUp = false;
  private target: bigint | undefined;
  private looking: Promise<string> | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly positions: ReadModelPositions,
  ) {}

  /** @param target end of the log at the start of the engine; until it is known the read models are not ready */
  expect(target: bigint): void {
    this.target = target;
  }

  /** Callers at the same time share one look. */
  check(): Promise<string> {
    this.looking ??= this.look().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async look(): Promise<string> {
    const { target } = this;
    if (target === undefined) throw new Error('the event store has not answered yet');
    const missing = await this.database.answer(() => missingReadModels(this.database.source.manager, this.database.embedded));
    if (missing !== undefined) throw new Error(missing);
    const [stuck] = this.positions.stuck;
    if (stuck) throw new Error(`${stuck.name} stands still at position ${stuck.position}: ${stuck.reason}`);
    const besides = await this.positions.besides();
    const names = PROJECTIONS.map(({ name }) => name).filter((name) => !besides.some((made) => made.name === name));
    const position = await this.positions.position(names.length > 0 ? names : undefined);
    // Asked after the position: what is past it belongs to another log, and is dropped by the projector.
    const head = await this.log.headPosition();
    this.caughtUp ||= position <= head && (names.length === 0 || (await this.positions.waitFor(target, 0, names)));
    if (!this.caughtUp) throw new Error(`read models are catching up: at position ${position} of ${target}`);
    return [`at position ${position} of ${head}`, ...besides.map((made) => noteOf(made, head))].join('; ');
  }
}
