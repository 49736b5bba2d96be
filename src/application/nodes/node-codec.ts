import { NODE_EVENT_TYPES, type NodeEvent } from '../../domain/node/node-lease.js';
import { firstShapesOf, readerOf } from '../newer-event.js';

/** Streams in which nodes tell of themselves, one for each start of a node: never rename. */
export const NODE_STREAM_PREFIX = 'node-';

export const nodeStream = (worker: string): string => `${NODE_STREAM_PREFIX}${worker}`;

/**
 * They get no other types and no newer shapes: a node of an older version, which stops before what it does not know, would take over nothing any more. What is to be told beside goes into members
 * that may be absent, or into a stream of its own.
 */
export const NODE_SHAPES = firstShapesOf(NODE_EVENT_TYPES);

/** A stored event as what a node tells; undefined for what is none. @throws NewerEvent */
export const nodeEventOf = readerOf<NodeEvent>((streamId) => streamId.startsWith(NODE_STREAM_PREFIX), NODE_SHAPES);
