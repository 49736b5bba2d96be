import type { RecordedEvent } from '../../../application/ports/event-log.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { projectBeside } from './beside.js';
import { projectBatch, projectNext, understood, type Batch, type FactOf, type Projected } from './project-batch.js';
import type { Projection } from './projection.js';
import type { ReadModelPositions } from './read-model-positions.js';

/** Read models that are at the same place in the log, and are written together. */
export interface Track {
  projections: readonly Projection[];
  /** Position up to which they are written. */
  position: bigint;
  /** Their rows are made beside those of another version, which are read until these have all that the log holds. */
  isBeside: boolean;
}

/** Goes on with what cannot be written with the others. */
export type SetApart = (lone: Track) => void;

export const namesOf = ({ projections }: Track) => projections.map(({ name }) => name);

/** Writes what a track reads, to where its rows are, and tells how far they are. Where it cannot be written together each read model is written on its own. */
export class TrackWriter {
  /** @param goOn is told of those that were written */
  constructor(
    private readonly database: Database,
    private readonly positions: ReadModelPositions,
    private readonly logger: Logger,
    private readonly read: FactOf,
    private readonly goOn: (names: readonly ReadModelName[]) => void,
  ) {}

  /** Writes events that follow all that was written before. @throws NewerEvent once what comes before that is written; what writing threw, where nothing could be written */
  async write(track: Track, events: readonly RecordedEvent[], after: bigint, setApart: SetApart): Promise<void> {
    const { batch, fault } = understood(events, this.read);
    if (batch) await this.writeBatch(track, batch, after, setApart);
    // What comes before it is committed; it, and what comes after it, are not.
    if (fault) throw fault;
  }

  private async writeBatch(track: Track, batch: Batch, after: bigint, setApart: SetApart): Promise<void> {
    let changed: readonly ReadModelName[];
    try {
      ({ position: track.position, changed } = await this.projectInto(track, track.projections, batch, after));
    } catch (fault) {
      if (track.projections.length === 1) throw fault;
      changed = await this.writeOneByOne(track, batch, after, setApart, fault);
    }
    const names = namesOf(track);
    this.goOn(names);
    if (track.isBeside) this.positions.madeBeside(new Map(names.map((name) => [name, track.position])));
    else this.positions.committed(names, track.position, changed);
  }

  private projectInto({ isBeside }: Track, projections: readonly Projection[], batch: Batch, after: bigint): Promise<Projected> {
    const { source, embedded } = this.database;
    if (isBeside) return projectBeside(this.database, projections, batch, after);
    return embedded ? projectNext(source.manager, projections, batch) : projectBatch(source, projections, batch, after);
  }

  /** After a batch failed for all: those that can be written go on without the others. @throws the fault, where none can */
  private async writeOneByOne(
    track: Track,
    batch: Batch,
    after: bigint,
    setApart: SetApart,
    fault: unknown,
  ): Promise<readonly ReadModelName[]> {
    const failed = new Map<Projection, unknown>();
    const changed: ReadModelName[] = [];
    for (const projection of track.projections) {
      await this.projectInto(track, [projection], batch, after).then(
        (projected) => changed.push(...projected.changed),
        (reason: unknown) => failed.set(projection, reason),
      );
    }
    if (failed.size === track.projections.length) throw fault;
    track.projections = track.projections.filter((projection) => !failed.has(projection));
    track.position = batch.position;
    for (const [projection, error] of failed) {
      const reason = this.database.reasonOf(error);
      this.logger.error(`read model ${projection.name} stands still at position ${after}, the others go on: ${reason}`);
      this.positions.standsStill(projection.name, reason);
      setApart({ projections: [projection], position: after, isBeside: track.isBeside });
    }
    return changed;
  }
}
