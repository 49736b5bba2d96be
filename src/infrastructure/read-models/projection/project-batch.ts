import type { DataSource, EntityManager } from 'typeorm';
import { NewerEvent } from '../../../application/newer-event.js';
import { deliveryEventOf } from '../../../application/notifications/delivery-codec.js';
import { scheduleEventOf } from '../../../application/schedules/schedule-codec.js';
import { workflowEventOf } from '../../../application/workflow/workflow-codec.js';
import type { RecordedEvent } from '../../../application/ports/event-log.js';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import { Changes } from './changes.js';
import { CheckpointRow } from './checkpoint.row.js';
import type { ProjectedDeliveryEvent, ProjectedEvent, ProjectedScheduleEvent, Projection } from './projection.js';

/** What is known of the rows that are there, by the name of their read model. */
export async function storedCheckpoints(manager: EntityManager): Promise<ReadonlyMap<string, CheckpointRow>> {
  return new Map((await manager.find(CheckpointRow)).map((row) => [row.readModel, row]));
}

/** How far each read model is whose rows the present version of its projection has made. */
export async function checkpoints(manager: EntityManager, projections: readonly Projection[]): Promise<ReadonlyMap<ReadModelName, bigint>> {
  const stored = await storedCheckpoints(manager);
  return new Map(
    projections.flatMap(({ name, version }) => {
      const row = stored.get(name);
      return row?.version === version ? [[name, row.position] as const] : [];
    }),
  );
}

/** Read models whose rows a later version of their projection has made: this one must not touch them, nor empty them to fill them again. */
export async function madeByLater(manager: EntityManager, projections: readonly Projection[]): Promise<readonly ReadModelName[]> {
  const rows = await manager.find(CheckpointRow);
  return projections
    .filter(({ name, version }) => rows.some((row) => row.readModel === name && row.version > version))
    .map(({ name }) => name);
}

type Fact = ProjectedEvent | ProjectedScheduleEvent | ProjectedDeliveryEvent;

const isOfRun = (fact: Fact): fact is ProjectedEvent => 'event' in fact;
const isOfDelivery = (fact: Fact): fact is ProjectedDeliveryEvent => 'deliveryEvent' in fact;
const isOfSchedule = (fact: Fact): fact is ProjectedScheduleEvent => 'scheduleEvent' in fact;

/** A stored event as a fact that read models are made of; undefined for what is none. @throws NewerEvent */
export type FactOf = (recorded: RecordedEvent) => Fact | undefined;

export const factOf: FactOf = (recorded) => {
  const { revision, position } = recorded;
  const event = workflowEventOf(recorded);
  if (event) return { event, revision, position };
  const scheduleEvent = scheduleEventOf(recorded);
  if (scheduleEvent) return { scheduleEvent, revision, position };
  const deliveryEvent = deliveryEventOf(recorded);
  return deliveryEvent && { deliveryEvent, revision, position };
};

/** What a batch of events says. */
export interface Batch {
  readonly facts: readonly Fact[];
  /** Of its last event. */
  readonly position: bigint;
}

/** The events, of which there must be some, up to the first that is not understood, and what is wrong with that one. */
export interface Understood {
  /** Undefined where it is the first that is not understood. */
  readonly batch?: Batch;
  readonly fault?: NewerEvent;
}

export function understood(events: readonly RecordedEvent[], read: FactOf = factOf): Understood {
  const facts: Fact[] = [];
  let position: bigint | undefined;
  const batch = (): Pick<Understood, 'batch'> => (position === undefined ? {} : { batch: { facts, position } });
  for (const recorded of events) {
    try {
      const fact = read(recorded);
      if (fact) facts.push(fact);
    } catch (fault) {
      if (fault instanceof NewerEvent) return { ...batch(), fault };
      throw fault;
    }
    position = recorded.position;
  }
  return batch();
}

/** What a batch, which must not be empty, says as a whole. @throws NewerEvent */
export function wholeBatch(events: readonly RecordedEvent[]): Batch {
  const { batch, fault } = understood(events);
  if (fault) throw fault;
  return batch!;
}

/** Writes what events come to in one or more read models, with their checkpoints, as one statement. Answers with those whose rows change. */
export async function writeEvents(
  manager: EntityManager,
  projections: readonly Projection[],
  events: (projection: Projection) => readonly Fact[],
  upTo: bigint,
): Promise<readonly ReadModelName[]> {
  if (projections.length === 0) return [];
  const changes = new Changes(manager);
  const changed: ReadModelName[] = [];
  for (const projection of projections) {
    const before = changes.size;
    const facts = events(projection);
    const ofSchedules = facts.filter(isOfSchedule);
    const ofDeliveries = facts.filter(isOfDelivery);
    const hasOthers = ofSchedules.length + ofDeliveries.length > 0;
    const ofRuns = hasOthers ? facts.filter(isOfRun) : (facts as readonly ProjectedEvent[]);
    await projection.fold(ofRuns, changes, manager, ofSchedules, ofDeliveries);
    if (changes.size > before) changed.push(projection.name);
  }
  changes.put(
    CheckpointRow,
    projections.map(({ name, version }) => ({ readModel: name, position: upTo, version })),
  );
  await changes.run();
  return changed;
}

/**
 * Until the transaction ends nobody else writes read models; reading goes on. A checkpoint read after it is true: a rebuild may run, and a node whose
 * session with the projector's lock broke may still be writing what another one has taken over.
 */
export async function becomeOnlyWriter(manager: EntityManager): Promise<void> {
  await manager.query('LOCK TABLE checkpoints IN EXCLUSIVE MODE');
}

/** Longest pause within a batch's transaction, in milliseconds. */
const LONGEST_PAUSE_MS = 10_000;

/** A process that is stopped in the transaction must not keep the others from writing. Not for an embedded database: there are no others, and PGlite does not outlive a transaction that such a limit ends. */
export async function limitPauses(manager: EntityManager): Promise<void> {
  await manager.query(`SET LOCAL idle_in_transaction_session_timeout = ${LONGEST_PAUSE_MS}`);
}

/** What became of a batch. */
export interface Projected {
  /** Of its last event. */
  readonly position: bigint;
  /** Read models whose rows it changed. */
  readonly changed: readonly ReadModelName[];
}

/** Projects a batch into read models that have everything before it and nothing of it. Only for the one process of an embedded database. */
export async function projectNext(
  manager: EntityManager,
  projections: readonly Projection[],
  { facts, position }: Batch,
): Promise<Projected> {
  return { position, changed: await writeEvents(manager, projections, () => facts, position) };
}

/**
 * Projects a batch into those of the read models that do not have it yet, all of them or none.
 * @param follows position of the last event before the batch
 * @throws Error where a read model is behind that: events between would be lost
 */
export async function projectBatch(source: DataSource, projections: readonly Projection[], batch: Batch, follows = 0n): Promise<Projected> {
  return source.transaction(async (manager) => {
    await limitPauses(manager);
    return projectBatchIn(manager, projections, batch, follows);
  });
}

/** The same in a transaction. @throws as `projectBatch` */
export async function projectBatchIn(
  manager: EntityManager,
  projections: readonly Projection[],
  { facts, position }: Batch,
  follows: bigint,
): Promise<Projected> {
  await becomeOnlyWriter(manager);
  const known = await checkpoints(manager, projections);
  const after = (projection: Projection): bigint => known.get(projection.name) ?? 0n;
  const behind = projections.find((projection) => after(projection) < follows);
  if (behind)
    throw new Error(`${behind.name} was set back to ${after(behind)} by another process while its events after ${follows} were read`);
  const missing = projections.filter((projection) => after(projection) < position);
  const changed = await writeEvents(manager, missing, (projection) => facts.filter((fact) => fact.position > after(projection)), position);
  return { position, changed };
}

/** Empties a read model. */
export async function clear(manager: EntityManager, projection: Projection): Promise<void> {
  for (const row of projection.rows) await manager.query(`DELETE FROM ${manager.getRepository(row).metadata.tableName}`);
  await manager.delete(CheckpointRow, { readModel: projection.name });
}
