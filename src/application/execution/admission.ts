import { PRIORITIES, type Priority } from '../../domain/workflow/lifecycle.js';
import type { ToolPlace, Tools } from '../ports/tools.js';

/** Where an attempt runs: at its tool (a shadow needs no place there), and among the steps that the executor runs at once. */
export interface Admitted {
  readonly place: ToolPlace;
  /** Gives the executor's place back. */
  readonly leave: () => void;
}

interface Waiting {
  readonly order: number;
  readonly enter: (admitted: Admitted) => void;
}

/** Those that wait for one tool. Insertion order is arrival order. */
type Queue = Readonly<Record<Priority, Set<Waiting>>>;

const NO_TOOL: ToolPlace = { leave: () => undefined };

/**
 * Lets attempts in: each needs a place at its tool and one of the executor's, and takes both at once, so that who waits for a tool that is busy keeps nobody from another one, and nobody
 * holds what somebody more urgent could use. The more urgent comes first, and among those who came first.
 */
export class Admission {
  private free: number;
  private arrivals = 0;
  private readonly listeners = new Set<() => void>();
  private readonly queues = new Map<string | undefined, Queue>();

  /** @param places attempts that run at once */
  constructor(
    places: number,
    private readonly tools: Pick<Tools, 'tryEnter' | 'onPlaceFree'>,
  ) {
    this.free = places;
    tools.onPlaceFree(() => this.letIn());
  }

  /** How many wait. */
  get waiting(): number {
    let count = 0;
    for (const queue of this.queues.values()) for (const priority of PRIORITIES) count += queue[priority].size;
    return count;
  }

  /** Calls back when there is a place that nobody waits for. */
  onRoom(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** At once, or not at all. @param tool undefined: none is called */
  tryEnter(tool: string | undefined): Admitted | undefined {
    if (this.free <= 0) return undefined;
    const place = this.placeAt(tool);
    if (!place) return undefined;
    this.free -= 1;
    return { place, leave: () => this.leave() };
  }

  /** After waiting where necessary; undefined where the signal was aborted before. */
  async enter(tool: string | undefined, priority: Priority, signal: AbortSignal): Promise<Admitted | undefined> {
    if (signal.aborted) return undefined;
    const admitted = this.tryEnter(tool);
    if (admitted) return admitted;
    const queue = this.queueOf(tool)[priority];
    return new Promise((resolve) => {
      const giveUp = (): void => {
        queue.delete(waiting);
        resolve(undefined);
      };
      const waiting: Waiting = {
        order: this.arrivals++,
        enter: (entered) => {
          signal.removeEventListener('abort', giveUp);
          resolve(entered);
        },
      };
      queue.add(waiting);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  private leave(): void {
    this.free += 1;
    this.letIn();
    if (this.free > 0) for (const listener of this.listeners) listener();
  }

  /** Lets those in for whom there are places now. */
  private letIn(): void {
    const full = new Set<string | undefined>();
    while (this.free > 0) {
      const next = this.next(full);
      if (!next) return;
      const admitted = this.tryEnter(next.tool);
      if (!admitted) {
        full.add(next.tool);
        continue;
      }
      next.queue.delete(next.waiting);
      next.waiting.enter(admitted);
    }
  }

  /** Who is next, but for those whose tool is full. */
  private next(full: ReadonlySet<string | undefined>) {
    for (const priority of PRIORITIES) {
      let first: { readonly tool: string | undefined; readonly queue: Set<Waiting>; readonly waiting: Waiting } | undefined;
      for (const [tool, { [priority]: queue }] of this.queues) {
        if (full.has(tool)) continue;
        const [waiting] = queue;
        if (waiting && (!first || waiting.order < first.waiting.order)) first = { tool, queue, waiting };
      }
      if (first) return first;
    }
    return undefined;
  }

  private placeAt(tool: string | undefined): ToolPlace | undefined {
    return tool === undefined ? NO_TOOL : this.tools.tryEnter(tool);
  }

  private queueOf(tool: string | undefined): Queue {
    const queue = this.queues.get(tool) ?? { high: new Set(), normal: new Set(), low: new Set() };
    this.queues.set(tool, queue);
    return queue;
  }
}
