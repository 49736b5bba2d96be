import type { StreamLog } from '../log/stream-log.js';
import { LINK_TYPE } from '../log/link.js';
import { firstShown } from '../log/stream-head.js';
import { newId, ownMetadataEvent } from '../log/own-events.js';
import { metastreamOf } from '../log/stream-metadata.js';
import { parkedStreamOf } from '../log/system-streams.js';
import type { GroupDefinition } from './group-definition.js';
import { newMessage, type GroupMessage } from './group-message.js';

const PAGE = 100;

/** Messages that were given up, as links in a stream of the group's own, from which they can be replayed. */
export class ParkedMessages {
  private readonly stream: string;
  /** Revision of the first link that was not handed out for replay yet. */
  private replayed = 0;
  private open = new Set<string>();

  constructor(
    private readonly log: StreamLog,
    { source, group }: GroupDefinition,
  ) {
    this.stream = parkedStreamOf(source, group);
  }

  get count(): number {
    const page = this.log.read.stream(this.stream, 0, 'forwards', 1);
    return page.status === 'found' ? page.last + 1 - Math.max(page.first, this.replayed) : 0;
  }

  /** Whether some were handed out again that have no answer yet. */
  get isReplaying(): boolean {
    return this.open.size > 0;
  }

  async park({ event, original }: GroupMessage, reason: string): Promise<void> {
    const target = event.event;
    // Of a link whose target is gone, the link's own text is all there is.
    const data = target ? `${target.revision}@${target.stream}` : original.data;
    const metadata = {
      added: new Date().toISOString(),
      reason,
      ...(original.revision !== 0 && { subscriptionEventNumber: original.revision }),
    };
    await this.log.append(this.stream, 'any', [
      { id: newId(), type: LINK_TYPE, isJson: false, data: Buffer.from(data as string), metadata: Buffer.from(JSON.stringify(metadata)) },
    ]);
  }

  /** The messages up to a revision (exclusive), to be handed out again. They stay parked until each is answered. */
  replay(stopAt: number): GroupMessage[] {
    const messages: GroupMessage[] = [];
    const head = this.log.read.head(this.stream);
    let next = Math.max(firstShown(head), this.replayed);
    const stop = Math.min(stopAt, head.last + 1);
    while (next < stop) {
      const page = this.log.read.stream(this.stream, next, 'forwards', Math.min(PAGE, stop - next));
      if (page.status !== 'found' || page.events.length === 0) break;
      for (const record of page.events) messages.push(newMessage(this.log.read.resolve(record), record.revision, undefined, undefined));
      next = page.next;
    }
    this.replayed = Math.max(this.replayed, next);
    for (const { key } of messages) this.open.add(key);
    return messages;
  }

  /** A replayed message was answered. After the last one, what was replayed is cut off the stream. */
  async answered(key: string): Promise<void> {
    if (!this.open.delete(key) || this.open.size > 0) return;
    await this.log.append(metastreamOf(this.stream), 'any', [ownMetadataEvent({ $tb: this.replayed })]);
  }

  async forget(): Promise<void> {
    await this.log.delete(this.stream, 'any');
  }
}
