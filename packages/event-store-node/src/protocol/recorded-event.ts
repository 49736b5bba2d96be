import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadResp as DeliveryResp } from '@eventstore/db-client/generated/persistent_pb.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { EventRecord } from '../log/event-record.js';
import type { ResolvedEvent } from '../log/link.js';
import { identifierOf, revisionText, uuidMessage } from './identifiers.js';

function fill<T extends ReadResp.ReadEvent.RecordedEvent | DeliveryResp.ReadEvent.RecordedEvent>(
  recorded: T,
  event: EventRecord,
  place: number,
  idAsString: boolean,
): T {
  const position = String(place);
  recorded.setId(uuidMessage(event.id, idAsString));
  recorded.setStreamIdentifier(identifierOf(event.stream));
  recorded.setStreamRevision(revisionText(event.revision));
  recorded.setCommitPosition(position);
  recorded.setPreparePosition(position);
  recorded.setData(event.data);
  recorded.setCustomMetadata(event.metadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.isJson ? 'application/json' : 'application/octet-stream')
    .set('created', String(event.created));
  return recorded;
}

/** The place of a resolved event in the log is that of its link. */
export const placeOf = ({ event, link }: ResolvedEvent): number => (link ?? event)?.position ?? 0;

export function eventMessage(resolved: ResolvedEvent, idAsString: boolean): ReadResp {
  const { ReadEvent } = streamsPb.ReadResp;
  const read = new ReadEvent();
  if (resolved.event) read.setEvent(fill(new ReadEvent.RecordedEvent(), resolved.event, resolved.event.position, idAsString));
  if (resolved.link) read.setLink(fill(new ReadEvent.RecordedEvent(), resolved.link, resolved.link.position, idAsString));
  read.setCommitPosition(String(placeOf(resolved)));
  const message = new streamsPb.ReadResp();
  message.setEvent(read);
  return message;
}

/** `retryCount` undefined: the protocol's "no retry count". */
export function deliveryMessage(resolved: ResolvedEvent, retryCount: number | undefined, idAsString: boolean): DeliveryResp {
  const { ReadEvent } = persistentPb.ReadResp;
  // Deliveries name the place of the link for its target as well.
  const place = placeOf(resolved);
  const read = new ReadEvent();
  if (resolved.event) read.setEvent(fill(new ReadEvent.RecordedEvent(), resolved.event, place, idAsString));
  if (resolved.link) read.setLink(fill(new ReadEvent.RecordedEvent(), resolved.link, place, idAsString));
  read.setCommitPosition(String(place));
  if (retryCount === undefined) read.setNoRetryCount(new sharedPb.Empty());
  else read.setRetryCount(retryCount);
  const message = new persistentPb.ReadResp();
  message.setEvent(read);
  return message;
}
