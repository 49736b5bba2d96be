import type { StreamLog } from '../log/stream-log.js';
import { ownEvent, ownMetadataEvent } from '../log/own-events.js';
import { metastreamOf } from '../log/stream-metadata.js';
import { GROUPS_STREAM } from '../log/system-streams.js';
import type { GroupDefinition } from './group-definition.js';

const GROUPS_TYPE = '$PersistentConfig';

type GroupChange = 'created' | 'updated' | 'deleted';

/**
 * Tells in a stream, for those who watch the log, of each change of a group. The node itself does not read it: clients may write there.
 * Stream and event type are those of the server this one follows, the data are not.
 */
export class GroupsRecord {
  constructor(private readonly log: StreamLog) {}

  /** Makes the stream ready, once in the life of a log: its metadata is the first event of a new one. */
  async begin(): Promise<void> {
    if (this.log.read.head(metastreamOf(GROUPS_STREAM)).last >= 0) return;
    await this.log.append(metastreamOf(GROUPS_STREAM), 'any', [ownMetadataEvent({})]);
  }

  /** @throws LogFailedError */
  async tell(change: GroupChange, definition: GroupDefinition): Promise<void> {
    await this.log.append(GROUPS_STREAM, 'any', [ownEvent(GROUPS_TYPE, JSON.stringify({ change, ...definition }))]);
  }
}
