import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';

/** An event with its place in its stream and in the log. */
export interface ProjectedEvent {
  readonly event: WorkflowEvent;
  readonly revision: number;
  readonly position: bigint;
}

/**
 * Turns events into the rows of one read model. A batch is folded in memory over the rows it touches and written with few statements. Applying a batch in one go
 * or event by event gives the same rows.
 */
export interface Projection {
  /** Checkpoint key: never rename. */
  readonly name: string;
  /** Its tables; emptied before a rebuild. */
  readonly rows: readonly EntityTarget<ObjectLiteral>[];
  apply(manager: EntityManager, batch: readonly ProjectedEvent[]): Promise<void>;
}

/** Rows in one statement: the widest row times this stays below Postgres' 65,535 parameters. */
const ROWS = 2_000;

/** Inserts rows, or replaces those with the same key, with few statements. */
export async function upsert<T extends ObjectLiteral>(manager: EntityManager, row: EntityTarget<T>, rows: readonly T[]): Promise<void> {
  const { metadata } = manager.getRepository(row);
  const keys = metadata.primaryColumns.map(({ databaseName }) => databaseName);
  const others = metadata.columns.map(({ databaseName }) => databaseName).filter((name) => !keys.includes(name));
  for (let start = 0; start < rows.length; start += ROWS) {
    await manager
      .createQueryBuilder()
      .insert()
      .into(row)
      .values(rows.slice(start, start + ROWS))
      .orUpdate(others, keys)
      .updateEntity(false)
      .execute();
  }
}
