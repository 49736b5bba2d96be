interface Cell {
  readonly stepId: number;
  readonly next: Cell | undefined;
}

/** An immutable first-in-first-out queue of step ids (two linked lists): adding and taking cost the same whatever its length. */
export class StepQueue implements Iterable<number> {
  private constructor(
    private readonly front: Cell | undefined,
    private readonly back: Cell | undefined,
    readonly size: number,
  ) {}

  static readonly EMPTY = new StepQueue(undefined, undefined, 0);

  add(stepId: number): StepQueue {
    return new StepQueue(this.front, { stepId, next: this.back }, this.size + 1);
  }

  /** The queue without a step. Takes as long as there are steps before it: scheduling takes them from near the front. */
  without(stepId: number): StepQueue {
    const { front } = this.normal();
    const back = this.front ? this.back : undefined;
    const before: number[] = [];
    let cell = front;
    for (; cell && cell.stepId !== stepId; cell = cell.next) before.push(cell.stepId);
    if (cell) {
      const rest = before.reduceRight<Cell | undefined>((next, id) => ({ stepId: id, next }), cell.next);
      return new StepQueue(rest, back, this.size - 1);
    }
    let rest = StepQueue.EMPTY;
    for (const id of this) if (id !== stepId) rest = rest.add(id);
    return rest;
  }

  private normal(): { readonly front: Cell | undefined } {
    if (this.front) return { front: this.front };
    let front: Cell | undefined;
    for (let cell = this.back; cell; cell = cell.next) front = { stepId: cell.stepId, next: front };
    return { front };
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let cell = this.front; cell; cell = cell.next) yield cell.stepId;
    let reversed: Cell | undefined;
    for (let cell = this.back; cell; cell = cell.next) reversed = { stepId: cell.stepId, next: reversed };
    for (let cell = reversed; cell; cell = cell.next) yield cell.stepId;
  }
}
