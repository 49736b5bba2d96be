import type { EventLog } from '../log/event-log.js';
import { ownEvent, ownMetadataEvent } from '../log/own-events.js';
import { metastreamOf } from '../log/stream-metadata.js';
import { GROUPS_STREAM } from '../log/system-streams.js';
import type { GroupDefinition } from './group-definition.js';

const GROUPS_TYPE = '$PersistentConfig';
/** Bytes of one such event: of more groups than fit, only the number is told. */
const MOST_BYTES = 1024 * 1024;

/**
 * Tells in a stream, for those who watch the log, which groups there are. The node itself does not read it: clients may write there.
 * Stream and event type are those of the server this one follows.
 */
export class GroupsRecord {
  private waiting = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly definitions: () => readonly GroupDefinition[],
  ) {}

  /** Makes the stream ready, once in the life of a log: its metadata is the first event of a new one. */
  async begin(): Promise<void> {
    if (this.log.read.head(metastreamOf(GROUPS_STREAM)).last >= 0) return;
    await this.log.append(metastreamOf(GROUPS_STREAM), 'any', [ownMetadataEvent({ $maxCount: 2 })]);
  }

  /** Resolves once an event tells of the groups as they are now. Changes at the same time share one. */
  write(): Promise<void> {
    this.waiting = true;
    this.running ??= this.drain().finally(() => (this.running = undefined));
    return this.running;
  }

  private async drain(): Promise<void> {
    while (this.waiting) {
      this.waiting = false;
      await this.log.append(GROUPS_STREAM, 'any', [ownEvent(GROUPS_TYPE, this.text())]);
    }
  }

  private text(): string {
    const groups = this.definitions();
    const text = JSON.stringify({ groups });
    return Buffer.byteLength(text) > MOST_BYTES ? JSON.stringify({ count: groups.length }) : text;
  }
}
