import type { ReadModelName, ReadModelProgress } from '../../../application/ports/read-models.js';
import { nothingBetween } from '../../../application/nothing-between.js';
import type { EventFeed } from '../../../application/ports/event-feed.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { besidePositions } from './beside.js';
import { storedCheckpoints } from './project-batch.js';
import { PROJECTED_STREAMS } from './projection.js';
import { PROJECTIONS } from './projections.js';

/** How often the checkpoints are read while someone waits, where another node projects, in milliseconds. */
const POLL_MS = 50;

/** How long one look whether events are missing may take, in milliseconds. */
const LOOK_MS = 1_500;

const EVERY: readonly ReadModelName[] = PROJECTIONS.map(({ name }) => name);

/** A read model whose rows another version of its projection has made: they are read until new ones, which are made beside them, have caught up. */
export interface MadeBeside {
  readonly name: ReadModelName;
  /** How far the new ones are; undefined until they are begun. */
  readonly position: bigint | undefined;
  /** Why they do not go on. */
  readonly reason?: string;
}

/** How far the read models are: what this process' runner says, or what the checkpoints say where another node projects. */
export class ReadModelPositions implements ReadModelProgress {
  private readonly known = new Map<ReadModelName, bigint>();
  private readonly faults = new Map<ReadModelName, { readonly position: bigint; readonly reason: string }>();
  private readonly beside = new Map<ReadModelName, Omit<MadeBeside, 'name'>>();
  private readonly listeners = new Set<{ readonly names: readonly ReadModelName[]; readonly listener: () => void }>();
  private readonly onWaits = new Set<() => void>();
  private readonly waiting = new Set<() => void>();
  private isProjecting = false;

  constructor(
    private readonly database: Database,
    private readonly feed: EventFeed,
  ) {}

  /** From now on until `handedOver` nobody but this process writes rows, and these are their positions. @param stale those whose rows stay as they are until they are swapped */
  takenOver(positions: ReadonlyMap<ReadModelName, bigint>, stale: readonly ReadModelName[] = []): void {
    for (const [name, position] of positions) this.known.set(name, position);
    this.beside.clear();
    for (const name of stale) this.beside.set(name, { position: undefined });
    this.faults.clear();
    this.isProjecting = true;
  }

  handedOver(): void {
    this.isProjecting = false;
    this.known.clear();
    this.beside.clear();
  }

  /** How far the new rows are that are made beside the old ones. */
  madeBeside(positions: ReadonlyMap<ReadModelName, bigint>): void {
    for (const [name, position] of positions) this.beside.set(name, { position });
  }

  /** Other rows are read from now on. */
  swappedIn(names: readonly ReadModelName[], position: bigint): void {
    for (const name of names) this.beside.delete(name);
    this.committed(names, position, names);
  }

  /** Read models whose rows are of another version. */
  async besides(): Promise<readonly MadeBeside[]> {
    if (this.isProjecting) return [...this.beside].map(([name, made]) => ({ name, ...made }));
    const { manager } = this.database.source;
    return translateFaults(async () => {
      const stored = await storedCheckpoints(manager);
      const stale = PROJECTIONS.filter(
        ({ name, version }) =>
          stored.has(name) && this.isReadable(stored.get(name)!.version, version) && stored.get(name)!.version !== version,
      );
      const made = stale.length === 0 ? new Map<ReadModelName, bigint>() : await besidePositions(manager, stale);
      return stale.map(({ name }) => ({ name, position: made.get(name) }));
    });
  }

  /** Rows of an older version are whole. Those of a newer one may be made of events that this one does not know, unless it is to make them anew itself. */
  private isReadable(stored: number, own: number): boolean {
    return stored <= own || this.database.embedded;
  }

  /** Another node projects: what stands still there is told there. */
  leftToOther(): void {
    this.faults.clear();
  }

  /** Rows and checkpoints up to the position are committed. @param changed those that have other rows now */
  committed(names: readonly ReadModelName[], position: bigint, changed: readonly ReadModelName[]): void {
    for (const name of names) this.faults.delete(name);
    this.considered(names, position);
    for (const { names: wanted, listener } of this.listeners) if (wanted.some((name) => changed.includes(name))) listener();
  }

  /** Everything up to the position is committed or is not about runs. */
  considered(names: readonly ReadModelName[], position: bigint): void {
    for (const name of names) if (position > (this.known.get(name) ?? 0n)) this.known.set(name, position);
    for (const wake of [...this.waiting]) wake();
  }

  /** A read model cannot be written, or not be read on: it stands still while the others go on. */
  standsStill(name: ReadModelName, reason: string, position = this.known.get(name) ?? 0n): void {
    const made = this.beside.get(name);
    if (made) this.beside.set(name, { position: made.position, reason });
    else this.faults.set(name, { position, reason });
  }

  /** Read models that stand still, each with its position and the reason. */
  get stuck(): readonly { readonly name: ReadModelName; readonly position: bigint; readonly reason: string }[] {
    return [...this.faults].map(([name, fault]) => ({ name, ...fault }));
  }

  onCommit(listener: () => void, names: readonly ReadModelName[] = EVERY): () => void {
    const entry = { names, listener };
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  /** Somebody waits for a position. */
  get isAwaited(): boolean {
    return this.waiting.size > 0;
  }

  /** Calls back when somebody begins to wait: what is held back is to be written. */
  onWait(listener: () => void): () => void {
    this.onWaits.add(listener);
    return () => this.onWaits.delete(listener);
  }

  async position(names: readonly ReadModelName[] = EVERY): Promise<bigint> {
    if (!this.isProjecting) {
      const stored = await translateFaults(() => storedCheckpoints(this.database.source.manager));
      for (const { name, version } of PROJECTIONS) {
        const row = stored.get(name);
        if (row && this.isReadable(row.version, version) && row.position > (this.known.get(name) ?? 0n)) this.known.set(name, row.position);
      }
    }
    return this.lowest(names);
  }

  async waitFor(position: bigint, timeoutMs: number, names: readonly ReadModelName[] = EVERY): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (this.lowest(names) < position) {
      if ((await this.position(names)) >= position) return true;
      const left = until - performance.now();
      if (left <= 0) return this.nothingMissing(position, names);
      await this.change(this.isProjecting ? left : Math.min(POLL_MS, left));
    }
    return true;
  }

  /** What the log holds beyond them may be of no read model: then they have it all. */
  private async nothingMissing(position: bigint, names: readonly ReadModelName[]): Promise<boolean> {
    return nothingBetween(this.feed, this.lowest(names), position, PROJECTED_STREAMS, LOOK_MS);
  }

  private lowest(names: readonly ReadModelName[]): bigint {
    return names.map((name) => this.known.get(name) ?? 0n).reduce((a, b) => (a < b ? a : b));
  }

  /** Resolves at the next news, or after the time. */
  private change(atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, atMostMs);
      this.waiting.add(wake);
      for (const listener of this.onWaits) listener();
    });
  }
}
