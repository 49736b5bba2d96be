import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { isWanted, type EventFilter } from '../log/event-filter.js';
import type { StreamLog } from '../log/stream-log.js';
import type { EventRecord } from '../log/event-record.js';
import type { Direction } from '../log/log-reader.js';
import { ALL_STREAM } from '../persistent-subscriptions/group-definition.js';
import { mustPermit, type Caller, type Callers } from './callers.js';
import { filterDefinition, filterOf, windowOf } from './filter-options.js';
import { send } from './flow.js';
import { identifierOf, streamName } from './identifiers.js';
import { parsed, parsedPosition, type ReadCall } from './read-request.js';
import { eventMessage } from './recorded-event.js';
import { asRefusal, invalid, streamDeleted, unexpected } from './refusal.js';
import { subscribe } from './subscribe.js';

const PAGE = 256;

/** `Streams.Read`: reads and subscriptions, of one stream and of `$all`. */
export const read =
  (log: StreamLog, callers: Callers) =>
  (call: ReadCall): void => {
    void answer(log, call, callers(call.metadata)).then(
      () => call.end(),
      (error: unknown) => call.emit('error', asRefusal(error)),
    );
  };

async function answer(log: StreamLog, call: ReadCall, caller: Caller): Promise<void> {
  const options = call.request.getOptions();
  if (!options) throw unexpected();
  assertCombination(options);
  const identifier = options.getStream()?.getStreamIdentifier();
  mustPermit(caller, 'read', identifier ? streamName(identifier) : ALL_STREAM);
  if (options.hasSubscription()) return subscribe(log, call, options);
  const output = new Output(log, call, options);
  return options.hasStream() ? readStream(output, options) : readAll(output, options);
}

/** @throws INVALID_ARGUMENT for what does not go together, like a filter on one stream. */
function assertCombination(options: ReadReq.Options): void {
  const { ReadDirection } = streamsPb.ReadReq.Options;
  const direction = options.getReadDirection();
  const isFiltered = options.hasFilter();
  const isComplete =
    (options.hasStream() || options.hasAll()) && (options.hasCount() || options.hasSubscription()) && (isFiltered || options.hasNoFilter());
  const isPossible = !(options.hasStream() && isFiltered) && !(options.hasSubscription() && direction !== ReadDirection.FORWARDS);
  const isKnown = direction === ReadDirection.FORWARDS || direction === ReadDirection.BACKWARDS;
  if (!isComplete || !isPossible || !isKnown) throw invalid('The combination of stream, count, direction and filter is invalid.');
}

/** What a read needs at every step. */
class Output {
  readonly direction: Direction;
  /** Infinity: all of it. */
  readonly count: number;
  private readonly idAsString: boolean;
  private readonly resolves: boolean;

  constructor(
    readonly log: StreamLog,
    readonly call: ReadCall,
    options: ReadReq.Options,
  ) {
    this.direction = options.getReadDirection() === streamsPb.ReadReq.Options.ReadDirection.BACKWARDS ? 'backwards' : 'forwards';
    this.count = Number(options.getCount());
    this.idAsString = options.getUuidOption()?.hasString() ?? false;
    this.resolves = options.getResolveLinks();
  }

  event(record: EventRecord): Promise<void> | void {
    const resolved = this.resolves ? this.log.read.resolve(record) : { event: record, link: undefined };
    return send(this.call, eventMessage(resolved, this.idAsString));
  }
}

async function readStream(output: Output, options: ReadReq.Options): Promise<void> {
  const { log, call, direction, count } = output;
  const place = options.getStream();
  const identifier = place?.getStreamIdentifier();
  if (!place || !identifier || count === 0) throw unexpected();
  const stream = streamName(identifier);
  if (stream === '') throw unexpected();
  const tellsEnds = (options.getControlOption()?.getCompatibility() ?? 0) >= 1;
  let next = startRevision(place, direction);
  for (let left = count, isFirst = true; left > 0 && !call.cancelled; isFirst = false) {
    const page = log.read.stream(stream, next, direction, Math.min(left, PAGE));
    if (page.status === 'deleted') throw streamDeleted(stream);
    if (page.status === 'not-found') {
      await send(call, notFound(stream));
      return;
    }
    if (tellsEnds && isFirst && direction === 'forwards') await tellFirst(call, next, page.first, page.last);
    for (const event of page.events) {
      const waiting = output.event(event);
      if (waiting) await waiting;
    }
    left -= page.events.length;
    next = page.next;
    if (!page.isEnd && left > 0) continue;
    if (tellsEnds) await send(call, new streamsPb.ReadResp().setLastStreamPosition(String(page.last)));
    return;
  }
}

/** Where a forwards read begins elsewhere than asked for, it says where. */
async function tellFirst(call: ReadCall, asked: number, first: number, last: number): Promise<void> {
  if (first > asked) await send(call, new streamsPb.ReadResp().setFirstStreamPosition(String(first)));
  if (Math.max(first, asked) > last) await send(call, new streamsPb.ReadResp().setFirstStreamPosition(String(last + 1)));
}

function startRevision(place: ReadReq.Options.StreamOptions, direction: Direction): number {
  if (place.hasStart()) return 0;
  if (!place.hasEnd() && !place.hasRevision()) throw unexpected();
  const revision = place.hasEnd() ? 'end' : parsed(place.getRevision());
  if (revision !== 'end') return revision;
  if (direction === 'forwards') throw unexpected();
  return Number.MAX_SAFE_INTEGER - 1;
}

async function readAll(output: Output, options: ReadReq.Options): Promise<void> {
  const { log, call, direction, count } = output;
  const place = options.getAll();
  if (!place) throw unexpected();
  const filter = readFilter(options);
  let next = startPosition(log, place, direction);
  for (let left = count; left > 0 && !call.cancelled;) {
    const page = log.read.all(next, direction, filter ? PAGE : Math.min(left, PAGE));
    for (const event of page.events) {
      if (!isWanted(filter, event)) continue;
      const waiting = output.event(event);
      if (waiting) await waiting;
      if (--left === 0) break;
    }
    next = page.next;
    if (page.isEnd) return;
  }
}

function readFilter(options: ReadReq.Options): EventFilter | undefined {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const definition = filterDefinition(filter);
  if (windowOf(filter) < 1) throw unexpected();
  return filterOf(definition);
}

function startPosition(log: StreamLog, place: ReadReq.Options.AllOptions, direction: Direction): number {
  if (place.hasStart()) return 0;
  const position = place.getPosition();
  if (place.hasEnd()) return log.end;
  if (!position) throw unexpected();
  const { commit } = parsedPosition(position);
  if (commit !== 'end') return commit;
  return direction === 'forwards' ? Infinity : log.end;
}

function notFound(stream: string): ReadResp {
  const message = new streamsPb.ReadResp.StreamNotFound();
  message.setStreamIdentifier(identifierOf(stream));
  return new streamsPb.ReadResp().setStreamNotFound(message);
}
