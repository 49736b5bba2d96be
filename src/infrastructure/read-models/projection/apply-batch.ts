import type { EntityManager } from 'typeorm';
import { workflowEventOf } from '../../../application/workflow/workflow-codec.js';
import type { RecordedEvent } from '../../../application/ports/event-log.js';
import { CheckpointRow } from './checkpoint.row.js';
import { upsert, type ProjectedEvent, type Projection } from './projection.js';

export async function checkpoints(manager: EntityManager): Promise<ReadonlyMap<string, bigint>> {
  return new Map((await manager.find(CheckpointRow)).map((row) => [row.readModel, row.position]));
}

/** Applies a batch to one read model, its rows and its checkpoint together. Events at or before the checkpoint were applied before and are passed over. */
export async function applyBatch(
  manager: EntityManager,
  projection: Projection,
  batch: readonly RecordedEvent[],
  upTo: bigint,
  after: bigint,
): Promise<void> {
  const events = batch.flatMap((recorded): ProjectedEvent[] => {
    const event = recorded.position > after ? workflowEventOf(recorded) : undefined;
    return event ? [{ event, revision: recorded.revision }] : [];
  });
  if (events.length > 0) await projection.apply(manager, events);
  await upsert(manager, CheckpointRow, [{ readModel: projection.name, position: upTo }]);
}

/** Empties a read model. */
export async function clear(manager: EntityManager, projection: Projection): Promise<void> {
  for (const row of projection.rows) await manager.query(`DELETE FROM ${manager.getRepository(row).metadata.tableName}`);
  await manager.delete(CheckpointRow, { readModel: projection.name });
}
