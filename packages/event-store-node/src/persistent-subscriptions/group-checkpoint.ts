import type { StreamLog } from '../log/stream-log.js';
import { ownEvent } from '../log/own-events.js';
import { checkpointStreamOf } from '../log/system-streams.js';
import type { GroupDefinition } from './group-definition.js';
import type { GroupSource } from './group-source.js';

const CHECKPOINT_TYPE = 'SubscriptionCheckpoint';

/** The text of a checkpoint, quoted as JSON is; one that is not counts as none. */
const textIn = (data: Buffer): string => /^"(.*)"$/.exec(data.toString('utf8'))?.[1] ?? '';

/** The place up to which a group is done, kept as the last event of a stream of its own. */
export class GroupCheckpoint {
  private readonly stream: string;
  private current: number | undefined;
  private waiting: number | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly log: StreamLog,
    private readonly source: GroupSource,
    definition: GroupDefinition,
  ) {
    this.stream = checkpointStreamOf(definition.source, definition.group);
    const last = log.read.event(this.stream, -1);
    if (last) this.current = source.placeOf(textIn(last.data));
  }

  /** The newest one that is written. */
  get place(): number | undefined {
    return this.current;
  }

  /** Writes it soon; of several that wait for the disk, only the newest. */
  write(place: number): void {
    this.waiting = place;
    this.running ??= this.drain().finally(() => (this.running = undefined));
  }

  /** Resolves once what was handed in is written. */
  async settled(): Promise<void> {
    await this.running;
  }

  async forget(): Promise<void> {
    await this.settled();
    await this.log.delete(this.stream, 'any');
  }

  private async drain(): Promise<void> {
    while (this.waiting !== undefined) {
      const place = this.waiting;
      this.waiting = undefined;
      try {
        await this.log.append(this.stream, 'any', [ownEvent(CHECKPOINT_TYPE, JSON.stringify(this.source.textOf(place)))]);
        this.current = place;
      } catch {
        // The log tells of its failure itself; a checkpoint that is not written only costs deliveries again.
        return;
      }
    }
  }
}
