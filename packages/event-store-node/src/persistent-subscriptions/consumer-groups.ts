import type { StreamLog } from '../log/stream-log.js';
import { ConsumerGroup } from './consumer-group.js';
import { assertPossible, type GroupDefinition } from './group-definition.js';
import { GroupsRecord } from './groups-record.js';

const PREFIX = 'group/';
const settingKey = (source: string, group: string): string => PREFIX + JSON.stringify([source, group]);

export class GroupNotFoundError extends Error {
  override readonly name = 'GroupNotFoundError';
}

export class GroupExistsError extends Error {
  override readonly name = 'GroupExistsError';
}

/** All consumer groups of a node. Their definitions are kept with the log, and they go on where they were after a restart. */
export class ConsumerGroups {
  /** Sources that have a group, or had one since the node started. */
  readonly knownSources = new Set<string>();
  private readonly groups = new Map<string, ConsumerGroup>();
  /** Changes of a group wait for each other. */
  private readonly changes = new Map<string, Promise<unknown>>();
  private readonly record: GroupsRecord;

  private constructor(private readonly log: StreamLog) {
    this.record = new GroupsRecord(log);
    for (const { key, value } of log.settingsFrom(PREFIX)) {
      const definition = value as GroupDefinition;
      this.knownSources.add(definition.source);
      this.groups.set(key, new ConsumerGroup(log, definition));
    }
  }

  static async start(log: StreamLog): Promise<ConsumerGroups> {
    const groups = new ConsumerGroups(log);
    await groups.record.begin();
    return groups;
  }

  /** @throws GroupNotFoundError */
  get(source: string, group: string): ConsumerGroup {
    const found = this.groups.get(settingKey(source, group));
    if (!found) throw new GroupNotFoundError(`group ${group} of ${source} does not exist`);
    return found;
  }

  /** Of one source, or all. */
  list(source?: string): ConsumerGroup[] {
    return [...this.groups.values()].filter(({ definition }) => source === undefined || definition.source === source);
  }

  /** @throws GroupExistsError, GroupRefusedError */
  create(definition: GroupDefinition): Promise<void> {
    return this.change(definition, async (key) => {
      if (this.groups.has(key)) throw new GroupExistsError(`group ${definition.group} of ${definition.source} exists`);
      assertPossible(definition, this.log.end);
      await this.log.saveSetting(key, definition);
      this.knownSources.add(definition.source);
      this.groups.set(key, new ConsumerGroup(this.log, definition));
      await this.record.tell('created', definition);
    });
  }

  /** Replaces the settings; drops the consumers, and goes on from the checkpoint. @throws GroupNotFoundError, GroupRefusedError */
  update(definition: GroupDefinition): Promise<void> {
    return this.change(definition, async (key) => {
      const before = this.get(definition.source, definition.group);
      // The filter cannot be changed.
      const after = { ...definition, filter: before.definition.filter };
      assertPossible(after, this.log.end);
      await this.log.saveSetting(key, after);
      await before.end({ withCheckpoint: false });
      this.groups.set(key, new ConsumerGroup(this.log, after));
      await this.record.tell('updated', after);
    });
  }

  /** @throws GroupNotFoundError */
  remove(source: string, group: string): Promise<void> {
    return this.change({ source, group }, async (key) => {
      const found = this.get(source, group);
      await this.log.saveSetting(key, undefined);
      this.groups.delete(key);
      await found.end({ withCheckpoint: false });
      await found.forget();
      await this.record.tell('deleted', found.definition);
    });
  }

  /** Drops all consumers and starts all groups anew, from their checkpoints. */
  async restart(): Promise<void> {
    for (const [key, group] of this.groups) {
      await group.end({ withCheckpoint: false });
      if (this.groups.get(key) === group) this.groups.set(key, new ConsumerGroup(this.log, group.definition));
    }
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.changes.values());
    await Promise.all([...this.groups.values()].map((group) => group.end({ withCheckpoint: true })));
  }

  private async change(of: Pick<GroupDefinition, 'source' | 'group'>, run: (key: string) => Promise<void>): Promise<void> {
    const key = settingKey(of.source, of.group);
    const turn = (this.changes.get(key) ?? Promise.resolve()).catch(() => undefined).then(() => run(key));
    this.changes.set(key, turn);
    try {
      await turn;
    } finally {
      if (this.changes.get(key) === turn) this.changes.delete(key);
    }
  }
}
