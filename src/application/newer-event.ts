import type { BackgroundLoops } from './background-loops.js';
import type { Verdict } from './ports/event-feed.js';
import type { EventLog, RecordedEvent } from './ports/event-log.js';

/** What tells whether an event is understood: all but what it says. */
export type Labelled = Pick<RecordedEvent, 'streamId' | 'revision' | 'type' | 'metadata'>;

/** The newest shape that this engine reads of each type of event that may be in a stream, by its `schemaVersion`. */
export type ReadableShapes = ReadonlyMap<string, number>;

/** Types that have had one shape so far, or whose later shapes only added members that may be absent. */
export const firstShapesOf = (types: Iterable<string>): ReadableShapes => new Map([...types].map((type) => [type, 1]));

/** A newer version of the engine has written to the stream: what it tells cannot be known here, and nothing must be decided or shown by what is known without it. */
export class NewerEvent extends Error {
  override readonly name = 'NewerEvent';
  readonly streamId: string;

  constructor({ revision, streamId, type, metadata: { schemaVersion } }: Labelled) {
    const what = `${type}, schema version ${schemaVersion}`;
    super(`Event ${revision} of ${streamId} (${what}) was written by a newer version of the engine: update this one.`);
    this.streamId = streamId;
  }
}

/**
 * Whether an event of one of the engine's streams is one that the reader knows. False: it is not the engine's own, which all have a schema version, and nobody's fact.
 * An event of a type or a shape that came later is never passed over: it may change what all the others mean.
 * @throws NewerEvent
 */
export function isReadable(recorded: Labelled, shapes: ReadableShapes): boolean {
  const newest = shapes.get(recorded.type);
  const { schemaVersion } = recorded.metadata;
  if (schemaVersion === undefined) return newest !== undefined;
  // Not `schemaVersion > newest`: what is no version at all is nothing that this engine knows either.
  if (newest !== undefined && Number.isInteger(schemaVersion) && schemaVersion >= 1 && schemaVersion <= newest) return true;
  throw new NewerEvent(recorded);
}

/** Reads stored events of some streams as facts of their kind; undefined for what is none. What it answers with throws NewerEvent. */
export const readerOf =
  <E>(isOfStream: (streamId: string) => boolean, shapes: ReadableShapes) =>
  (recorded: RecordedEvent): E | undefined => {
    if (!isOfStream(recorded.streamId) || !isReadable(recorded, shapes)) return undefined;
    const { type, data } = recorded;
    return { type, data } as E;
  };

/** The stream's last event, if it has one. @throws EventLogUnavailable, NewerEvent */
export async function lastReadable(log: EventLog, streamId: string, shapes: ReadableShapes): Promise<RecordedEvent | undefined> {
  const last = await log.readLast(streamId);
  if (last) isReadable(last, shapes);
  return last;
}

/** Deliveries, after which one is put aside that needs a newer version of the engine: one more would take a place from others for seconds. */
const TRIES = 6;

/** What becomes of a delivery that cannot be dealt with because of an event that is not understood. @param retryCount how often it was delivered before */
export const leftToNewer = (retryCount: number, reason: string): Verdict => ({ kind: retryCount + 1 < TRIES ? 'retry' : 'park', reason });

/** As a stream is named that cannot be read on. */
export const readingOf = (streamId: string): string => `reading ${streamId}`;

/** Has the stream named as one that cannot be read on, if that is the fault; answers whether it is. Nothing else that is done meanwhile depends on it. */
export function nameNewer(fault: unknown, loops: BackgroundLoops): boolean {
  if (!(fault instanceof NewerEvent)) return false;
  loops.standsStill(readingOf(fault.streamId), fault.message);
  return true;
}
