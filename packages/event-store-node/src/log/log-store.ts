import { createRequire } from 'node:module';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { checkDataFile } from './check-data-file.js';
import { CorruptLogError } from './log.errors.js';
import type { StreamHead } from './stream-head.js';
import { nameKey } from './stream-key.js';

// Loaded as CommonJS: its ESM build finds the native binary by import.meta, which test runners' module contexts lack.
const { open } = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

/** Name of the data file in its folder. */
export const FILE = 'log.mdb';

/** Written into every log; a log of another format is refused. */
const FORMAT = 1;

export interface RawRecord {
  readonly position: number;
  readonly bytes: Buffer;
}

/** LMDB throws errors of its own kind. */
const messageOf = (error: unknown): string => (error as { message?: string }).message ?? String(error);

/** Ignores the rejection of one put: its transaction rejects with the same fault, and that is the one that is told. */
const toldByTransaction = (): void => undefined;

/** True for what LMDB rejects when a commit fails: beside the promise it gave out, one of its own that nobody can hold. */
const isFailedCommit = (error: unknown): boolean => error instanceof Error && 'commitError' in error;

function onUnhandledRejection(error: unknown): void {
  if (!isFailedCommit(error)) throw error;
}

/** Keeps the process, whose log tells of a failed commit by itself, from ending by that rejection; any other one ends it as before. Answers with how to undo it. */
export function tolerateFailedCommits(): () => void {
  process.on('unhandledRejection', onUnhandledRejection);
  return () => process.off('unhandledRejection', onUnhandledRejection);
}

/** Why a commit failed: a promise of LMDB's own rejects with it. */
const reasonOf = (error: unknown): Promise<unknown> =>
  Promise.resolve(isFailedCommit(error) ? (error as { commitError?: unknown }).commitError : error).catch((reason: unknown) => reason);

/** Number of the stream, revision. */
type IndexKey = [number, number];

/** Everything that one transaction writes. */
export interface WriteBatch {
  readonly records: readonly (RawRecord & { readonly streamNumber: number; readonly revision: number | undefined })[];
  readonly heads: Iterable<StreamHead>;
  readonly settings: ReadonlyMap<string, unknown>;
}

/**
 * The log on disk: one LMDB environment with the records by position, an index from (stream, revision) to position, the
 * head of each stream, and small settings (the definitions of consumer groups). Knows nothing of what they mean.
 */
export class LogStore {
  private constructor(
    private readonly path: string,
    /** Its length when the file was found to be cut short: then nothing in it is to be trusted unread. */
    private readonly lengthBefore: number | undefined,
    private readonly root: RootDatabase,
    private readonly records: Database<Buffer, number>,
    private readonly index: Database<number, IndexKey>,
    private readonly heads: Database<StreamHead, Buffer>,
    private readonly settings: Database<unknown, string>,
  ) {}

  /** @throws CorruptLogError when what is in the folder is not a whole log. */
  static open(dataDir: string, isVolatile = false): LogStore {
    mkdirSync(dataDir, { recursive: true });
    const path = join(dataDir, FILE);
    let lengthBefore: number | undefined;
    let root: RootDatabase | undefined;
    try {
      ({ lengthBefore } = checkDataFile(path));
      // A commit is its flush: without overlapping syncs no reader ever sees what a power cut could take back.
      root = open({ path, noSubdir: true, overlappingSync: false, noSync: isVolatile, maxDbs: 8, mapSize: 2 ** 30 });
      const store = new LogStore(
        path,
        lengthBefore,
        root,
        root.openDB<Buffer, number>({ name: 'records', encoding: 'binary' }),
        root.openDB<number, IndexKey>({ name: 'index', encoding: 'ordered-binary' }),
        root.openDB<StreamHead, Buffer>({ name: 'heads', encoding: 'msgpack', keyEncoding: 'binary' }),
        root.openDB<unknown, string>({ name: 'settings', encoding: 'msgpack' }),
      );
      store.checkFormat(path);
      return store;
    } catch (error) {
      void root?.close();
      if (lengthBefore !== undefined) truncateSync(path, lengthBefore);
      if (error instanceof CorruptLogError) throw error;
      throw new CorruptLogError(`${path} does not open: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Copies the log of a folder as it is at one moment to a new file, whether a node runs on it or not.
   * @throws CorruptLogError when there is none
   */
  static async backUp(dataDir: string, file: string): Promise<void> {
    const path = join(dataDir, FILE);
    let root: RootDatabase;
    try {
      root = open({ path, noSubdir: true, readOnly: true, maxDbs: 8 });
    } catch (error) {
      throw new CorruptLogError(`${path} does not open: ${messageOf(error)}`, { cause: error });
    }
    try {
      await root.backup(file, true);
    } finally {
      await root.close();
    }
  }

  /** Entries in the index of streams and revisions. */
  get indexed(): number {
    return (this.index.getStats() as { readonly entryCount: number }).entryCount;
  }

  /** Streams that have a head. */
  get streams(): number {
    return (this.heads.getStats() as { readonly entryCount: number }).entryCount;
  }

  get wasShort(): boolean {
    return this.lengthBefore !== undefined;
  }

  /** Closes a log that is not to be trusted and leaves its file as it was found: at the next opening it must not pass for a whole one. */
  refuse(): void {
    // At once, for the process may end before closing has ended.
    if (this.lengthBefore !== undefined) truncateSync(this.path, this.lengthBefore);
    void this.root.close();
  }

  head(name: string): StreamHead | undefined {
    return this.heads.get(nameKey(name));
  }

  setting(key: string): unknown {
    return this.settings.get(key);
  }

  settingsFrom(prefix: string): { key: string; value: unknown }[] {
    return [...this.settings.getRange({ start: prefix, end: `${prefix}\uffff` })].map(({ key, value }) => ({ key, value }));
  }

  record(position: number): Buffer | undefined {
    return this.records.get(position);
  }

  /** Records from `from` (inclusive) upwards, below `before`, until `limit` records or `maxBytes` are reached. */
  scanForwards(from: number, before: number, limit: number, maxBytes: number): RawRecord[] {
    return this.collect({ start: from, end: before, limit }, maxBytes);
  }

  /** Records below `before` downwards. */
  scanBackwards(before: number, limit: number, maxBytes: number): RawRecord[] {
    return this.collect({ start: before, exclusiveStart: true, reverse: true, limit }, maxBytes);
  }

  /** Positions of the events of a stream between two revisions, both inclusive, in the order of the revisions or against it. */
  positions(streamNumber: number, from: number, to: number, limit: number, backwards: boolean): number[] {
    const found: number[] = [];
    if (from > to) return found;
    const low: IndexKey = [streamNumber, from];
    const high: IndexKey = [streamNumber, to];
    const range = backwards
      ? { start: high, end: low, inclusiveEnd: true, reverse: true, limit }
      : { start: low, end: high, inclusiveEnd: true, limit };
    for (const { value } of this.index.getRange(range)) found.push(value);
    return found;
  }

  position(streamNumber: number, revision: number): number | undefined {
    return this.index.get([streamNumber, revision]);
  }

  /** The highest number given to a stream so far. */
  lastStreamNumber(): number {
    const found = this.setting('last-stream-number');
    return typeof found === 'number' ? found : 0;
  }

  /** Writes all of it or nothing, and returns once it is flushed. Whatever it throws, the log must not be written again. */
  async commit(batch: WriteBatch): Promise<void> {
    try {
      // A child transaction, for an exception in a plain one keeps what was put before it.
      await this.root.childTransaction(() => {
        for (const { position, bytes, streamNumber, revision } of batch.records) {
          this.records.put(position, bytes).catch(toldByTransaction);
          if (revision !== undefined) this.index.put([streamNumber, revision], position).catch(toldByTransaction);
        }
        for (const head of batch.heads) this.heads.put(nameKey(head.name), head).catch(toldByTransaction);
        for (const [key, value] of batch.settings) {
          if (value === undefined) this.settings.remove(key).catch(toldByTransaction);
          else this.settings.put(key, value).catch(toldByTransaction);
        }
      });
    } catch (error) {
      throw new Error(messageOf(await reasonOf(error)), { cause: error });
    }
    await this.root.flushed;
    this.root.resetReadTxn();
  }

  close(): Promise<void> {
    return this.root.close();
  }

  private collect(range: object, maxBytes: number): RawRecord[] {
    const found: RawRecord[] = [];
    let size = 0;
    for (const { key, value } of this.records.getRange(range)) {
      found.push({ position: key, bytes: value });
      size += value.length;
      if (size >= maxBytes) break;
    }
    return found;
  }

  private checkFormat(path: string): void {
    const format = this.settings.get('format');
    if (format === FORMAT) return;
    if (format !== undefined)
      throw new CorruptLogError(`${path} has format ${JSON.stringify(format)}; this version reads format ${FORMAT}`);
    if (this.records.getKeysCount({ limit: 1 }) > 0) throw new CorruptLogError(`${path} holds records but does not say their format`);
    this.settings.putSync('format', FORMAT);
  }
}
