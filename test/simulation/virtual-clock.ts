/** Somebody who can die: what is planned for the dead does not happen. */
export interface Owner {
  readonly name: string;
  alive: boolean;
  /** It is stopped, as by SIGSTOP: what it was about to do it does then. */
  stalledUntil?: number;
}

export interface Task {
  time: number;
  readonly order: number;
  readonly owner: Owner;
  readonly act: () => void;
  cancelled: boolean;
  ref(): Task;
  unref(): Task;
}

/** What is outside of all processes: the store, the network, the tools' own services, people. It does not die. */
export const WORLD: Owner = { name: 'world', alive: true };

/** Any time will do, as long as it is always the same. */
const BEGINNING = Date.UTC(2026, 0, 5, 8);

/** A run of the simulation takes some thousand; leases that are renewed until one that hangs is given up, many more. */
const MOST_ACTS = 300_000;

export class EndlessActs extends Error {
  constructor() {
    super(`more than ${MOST_ACTS} acts: something goes round in circles`);
  }
}

const isBefore = (a: Task, b: Task): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/**
 * Time that passes only from one planned act to the next. After each act all that follows from it by promises alone is carried out, so that at any time one process runs, which
 * is how an act that is planned knows whose it is.
 */
export class VirtualClock {
  private readonly heap: Task[] = [];
  private planned = 0;
  private time = BEGINNING;
  /** By how much clocks on walls are ahead. */
  private ahead = 0;
  private latestShown = BEGINNING;
  private current: Owner = WORLD;
  /** Counts acts: what happened in an earlier one happened before. */
  step = 0;

  /** @param drain resolves once all promises that could go on have */
  constructor(private readonly drain: () => Promise<void>) {}

  /** What clocks on walls show, in whole milliseconds since the Unix epoch. */
  now(): number {
    const shown = Math.floor(this.time + this.ahead);
    this.latestShown = Math.max(this.latestShown, shown);
    return shown;
  }

  /** The latest that they have shown: whatever was due then may have been seen to be due. */
  latest(): number {
    return Math.max(this.now(), this.latestShown);
  }

  /** All clocks on walls are set, e.g. because they were wrong. What measures how long something takes goes on as before. */
  jump(ms: number): void {
    this.now();
    this.ahead += ms;
  }

  /** When it is, whatever clocks on walls show, in whole milliseconds. */
  instant(): number {
    return Math.floor(this.time);
  }

  /** With fractions, from the beginning. */
  elapsed(): number {
    return this.time - BEGINNING;
  }

  /** Who runs now. */
  get owner(): Owner {
    return this.current;
  }

  plan(inMs: number, owner: Owner, act: () => void): Task {
    const task: Task = {
      time: this.time + Math.max(0, inMs),
      order: this.planned++,
      owner,
      act,
      cancelled: false,
      ref: () => task,
      unref: () => task,
    };
    this.push(task);
    return task;
  }

  /** Stops a process for so many milliseconds. */
  stall(owner: Owner, ms: number): void {
    owner.stalledUntil = Math.max(owner.stalledUntil ?? 0, this.time + ms);
  }

  /** Lets time pass until so many milliseconds from the beginning, or until something holds. */
  async run(untilMs: number, holds: () => boolean = () => false): Promise<void> {
    const end = BEGINNING + untilMs;
    for (;;) {
      const next = this.heap[0];
      if (holds()) return;
      if (!next || next.time > end) break;
      this.pop();
      if (next.cancelled || !next.owner.alive) continue;
      const { stalledUntil = 0 } = next.owner;
      if (stalledUntil > next.time) {
        next.time = stalledUntil;
        this.push(next);
        continue;
      }
      this.time = next.time;
      this.current = next.owner;
      this.step += 1;
      if (this.step > MOST_ACTS) throw new EndlessActs();
      next.act();
      await this.drain();
      this.current = WORLD;
    }
    this.time = Math.max(this.time, end);
  }

  private push(task: Task): void {
    const { heap } = this;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(task, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = task;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}
