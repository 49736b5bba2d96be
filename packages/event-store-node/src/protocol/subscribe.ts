import { randomUUID } from 'node:crypto';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { followAll, followStream, type FilterWindow, type SubscriptionMessage, type SubscriptionStart } from '../log/follow.js';
import type { StreamLog } from '../log/stream-log.js';
import { filterDefinition, filterOf, windowOf } from './filter-options.js';
import { send } from './flow.js';
import { LARGEST_LONG_TEXT, streamName } from './identifiers.js';
import { parsed, parsedPosition, type ReadCall } from './read-request.js';
import { eventMessage } from './recorded-event.js';
import { streamDeleted, unexpected } from './refusal.js';

/** A catch-up subscription: confirmation, history, "caught up", and then whatever is appended, until the client leaves. */
export async function subscribe(log: StreamLog, call: ReadCall, options: ReadReq.Options): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  call.on('cancelled', end);
  call.on('close', end);
  const messages = options.hasStream() ? streamMessages(log, options, ended.signal) : allMessages(log, options, ended.signal);
  await send(call, confirmation());
  const idAsString = options.getUuidOption()?.hasString() ?? false;
  const resolves = options.getResolveLinks();
  for await (const message of messages) {
    switch (message.kind) {
      case 'events':
        for (const record of message.events) {
          if (ended.signal.aborted) return;
          const resolved = resolves ? log.read.resolve(record) : { event: record, link: undefined };
          const waiting = send(call, eventMessage(resolved, idAsString));
          if (waiting) await waiting;
        }
        break;
      case 'checkpoint':
        await send(call, checkpoint(message.position, message.isEvent));
        break;
      case 'caught-up':
        await send(call, new streamsPb.ReadResp().setCaughtUp(new streamsPb.ReadResp.CaughtUp()));
        break;
    }
    if (ended.signal.aborted) return;
  }
}

type Messages = AsyncGenerator<SubscriptionMessage, void, undefined>;

function streamMessages(log: StreamLog, options: ReadReq.Options, signal: AbortSignal): Messages {
  const place = options.getStream();
  const identifier = place?.getStreamIdentifier();
  const stream = identifier ? streamName(identifier) : '';
  if (!place || stream === '') throw unexpected();
  const start = streamStart(place);
  if (start !== 'end' && log.read.head(stream).isTombstoned) throw streamDeleted(stream);
  return followStream(log, stream, start, signal);
}

function streamStart(place: ReadReq.Options.StreamOptions): SubscriptionStart {
  if (place.hasStart()) return 'start';
  if (place.hasEnd()) return 'end';
  if (!place.hasRevision() || place.getRevision() === LARGEST_LONG_TEXT) throw unexpected();
  const revision = parsed(place.getRevision());
  return revision === 'end' ? 'end' : { after: Math.min(revision, Number.MAX_SAFE_INTEGER - 2) };
}

function allMessages(log: StreamLog, options: ReadReq.Options, signal: AbortSignal): Messages {
  const place = options.getAll();
  if (!place) throw unexpected();
  const start = allStart(place);
  const isPlace = typeof start !== 'object' || start.after === 0 || start.after >= log.end || log.read.isRecordAt(start.after);
  if (!isPlace) throw unexpected();
  return followAll(log, start, filterWindow(options), signal);
}

function allStart(place: ReadReq.Options.AllOptions): SubscriptionStart {
  if (place.hasStart()) return 'start';
  if (place.hasEnd()) return 'end';
  const position = place.getPosition();
  if (!position) throw unexpected();
  const { commit } = parsedPosition(position);
  if (commit === 0) return 'start';
  return commit === 'end' ? 'end' : { after: commit };
}

function filterWindow(options: ReadReq.Options): FilterWindow | undefined {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const definition = filterDefinition(filter);
  const window = windowOf(filter);
  const multiplier = filter.getCheckpointintervalmultiplier();
  if (window < 1 || multiplier < 1) throw unexpected();
  return { filter: filterOf(definition), window, checkpointEvery: window * multiplier };
}

function confirmation(): ReadResp {
  const message = new streamsPb.ReadResp.SubscriptionConfirmation();
  message.setSubscriptionId(randomUUID());
  return new streamsPb.ReadResp().setConfirmation(message);
}

/** Between events, the checkpoint names only the commit position. */
function checkpoint(position: number, isEvent: boolean): ReadResp {
  const message = new streamsPb.ReadResp.Checkpoint();
  message.setCommitPosition(String(position));
  message.setPreparePosition(isEvent ? String(position) : '0');
  return new streamsPb.ReadResp().setCheckpoint(message);
}
