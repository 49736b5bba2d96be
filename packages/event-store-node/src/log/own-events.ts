import { randomUUID } from 'node:crypto';
import type { ProposedEvent } from './event-record.js';
import { METADATA_EVENT_TYPE } from './stream-metadata.js';

const ADMINS = '$admins';
const ADMINS_ONLY = { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: ADMINS, $mw: ADMINS };

export const newId = (): Buffer => Buffer.from(randomUUID().replaceAll('-', ''), 'hex');

/** An event that the node itself writes. */
export const ownEvent = (type: string, json: string): ProposedEvent => ({
  id: newId(),
  type,
  isJson: true,
  data: Buffer.from(json),
  metadata: Buffer.alloc(0),
});

export const metadataEvent = (json: string): ProposedEvent => ownEvent(METADATA_EVENT_TYPE, json);

/** Metadata of a stream of the node's own, which only admins may use. */
export const ownMetadataEvent = (keys: Readonly<Record<string, number>>): ProposedEvent =>
  metadataEvent(JSON.stringify({ ...keys, $acl: ADMINS_ONLY }));
