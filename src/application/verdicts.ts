import type { Verdict } from './ports/event-feed.js';

export const ACK: Verdict = { kind: 'ack' };
export const STOPPING: Verdict = { kind: 'retry', reason: 'the engine is stopping' };
