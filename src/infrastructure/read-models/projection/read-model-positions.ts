import { setTimeout as delay } from 'node:timers/promises';
import type { ReadModelProgress } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { reading } from '../database/reading.js';
import { checkpoints } from './apply-batch.js';
import { PROJECTIONS } from './projections.js';

/** How often the checkpoints are read while someone waits, where another node projects, in milliseconds. */
const POLL_MS = 50;

/** How far the read models are: what this process' runner says at once, and what the checkpoints say otherwise. */
export class ReadModelPositions implements ReadModelProgress {
  private known = 0n;
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly database: Database) {}

  /** Rows and checkpoints up to the position are committed. */
  committed(position: bigint): void {
    this.considered(position);
    for (const listener of this.listeners) listener();
  }

  /** Everything up to the position is committed or is not about runs. */
  considered(position: bigint): void {
    if (position > this.known) this.known = position;
    for (const wake of [...this.waiting]) wake();
  }

  onCommit(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async position(): Promise<bigint> {
    const stored = await reading(() => checkpoints(this.database.source.manager));
    const lowest = PROJECTIONS.map(({ name }) => stored.get(name) ?? 0n).reduce((a, b) => (a < b ? a : b));
    return lowest > this.known ? lowest : this.known;
  }

  async waitFor(position: bigint, timeoutMs: number): Promise<boolean> {
    const until = Date.now() + timeoutMs;
    while (this.known < position) {
      if ((await this.position()) >= position) return true;
      if (Date.now() >= until) return false;
      await this.change(Math.min(POLL_MS, until - Date.now()));
    }
    return true;
  }

  private async change(atMostMs: number): Promise<void> {
    const controller = new AbortController();
    const wake = (): void => controller.abort();
    this.waiting.add(wake);
    await delay(atMostMs, undefined, { signal: controller.signal }).catch(() => undefined);
    this.waiting.delete(wake);
  }
}
