import type { DataSource, EntityManager } from 'typeorm';
import { workflowEventOf } from '../../../application/workflow/workflow-codec.js';
import type { RecordedEvent } from '../../../application/ports/event-log.js';
import { CheckpointRow } from './checkpoint.row.js';
import { upsert, type ProjectedEvent, type Projection } from './projection.js';
import { PROJECTIONS } from './projections.js';

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
    return event ? [{ event, revision: recorded.revision, position: recorded.position }] : [];
  });
  if (events.length > 0) await projection.apply(manager, events);
  await upsert(manager, CheckpointRow, [{ readModel: projection.name, position: upTo }]);
}

/**
 * Until the transaction ends nobody else writes read models; reading goes on. A checkpoint read after it is true: a rebuild may run, and a node whose
 * session with the projector's lock broke may still be writing what another one has taken over.
 */
export async function becomeOnlyWriter(manager: EntityManager): Promise<void> {
  await manager.query('LOCK TABLE checkpoints IN EXCLUSIVE MODE');
}

/**
 * Projects a batch, which must not be empty, into every read model that does not have it yet, in one transaction. Answers with its last position.
 * @param follows position of the last event before the batch
 * @throws Error where a read model is behind that: events between would be lost
 */
export async function projectBatch(source: DataSource, batch: readonly RecordedEvent[], follows = 0n): Promise<bigint> {
  const upTo = batch.at(-1)!.position;
  await source.transaction(async (manager) => {
    await becomeOnlyWriter(manager);
    const known = await checkpoints(manager);
    for (const projection of PROJECTIONS) {
      const after = known.get(projection.name) ?? 0n;
      if (after < follows)
        throw new Error(`${projection.name} was set back to ${after} by another process while its events after ${follows} were read`);
      if (after < upTo) await applyBatch(manager, projection, batch, upTo, after);
    }
  });
  return upTo;
}

/** Empties a read model. */
export async function clear(manager: EntityManager, projection: Projection): Promise<void> {
  for (const row of projection.rows) await manager.query(`DELETE FROM ${manager.getRepository(row).metadata.tableName}`);
  await manager.delete(CheckpointRow, { readModel: projection.name });
}
