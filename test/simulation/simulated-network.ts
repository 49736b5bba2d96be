import type { Random } from './random.js';
import { WORLD, type Owner, type VirtualClock } from './virtual-clock.js';

/** How bad it is: probabilities of one request. All zero: faults have ended. */
export interface NetworkFaults {
  lostRequest: number;
  lostAnswer: number;
  slowAnswer: number;
  /** It is carried out after the caller was told that nothing is known of it. */
  lateRequest: number;
  lostRead: number;
}

export const NO_FAULTS: NetworkFaults = { lostRequest: 0, lostAnswer: 0, slowAnswer: 0, lateRequest: 0, lostRead: 0 };

/** The way between a process and the store. */
export class SimulatedNetwork {
  private readonly mute = new Set<Owner>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    readonly faults: NetworkFaults,
  ) {}

  /** Nothing that it writes arrives any more; it reads, and is sent what it consumes. */
  silence(owner: Owner, forMs: number): void {
    this.mute.add(owner);
    if (forMs < Infinity) this.clock.plan(forMs, WORLD, () => this.mute.delete(owner));
  }

  write<T>(act: () => T, lost: () => Error): Promise<T> {
    const { clock, random, faults } = this;
    const { owner } = clock;
    const there = random.between(0.2, 4);
    const back = random.chance(faults.slowAnswer) ? random.between(5, random.of([100, 8_000])) : random.between(0.2, 4);
    const isRequestLost = random.chance(faults.lostRequest) || this.mute.has(owner);
    const isAnswerLost = random.chance(faults.lostAnswer);
    const isLate = random.chance(faults.lateRequest);
    return new Promise((resolve, reject) => {
      const fail = (inMs: number): void => void clock.plan(inMs, owner, () => reject(lost()));
      if (isRequestLost) return fail(random.between(10, 500));
      if (isLate) fail(there);
      clock.plan(isLate ? there + random.between(1, 300) : there, WORLD, () => {
        let answer: () => void;
        try {
          const result = act();
          answer = () => resolve(result);
        } catch (error) {
          const reason = error instanceof Error ? error : new Error(String(error));
          answer = () => reject(reason);
        }
        if (isLate) return;
        if (isAnswerLost) fail(random.between(10, 500));
        else clock.plan(back, owner, answer);
      });
    });
  }

  read<T>(look: () => T, lost: () => Error): Promise<T> {
    const { clock, random } = this;
    const { owner } = clock;
    const isLost = random.chance(this.faults.lostRead);
    return new Promise((resolve, reject) => {
      clock.plan(random.between(0.2, 3), WORLD, () => {
        if (isLost) {
          clock.plan(random.between(10, 300), owner, () => reject(lost()));
          return;
        }
        const seen = look();
        clock.plan(random.between(0.2, 3), owner, () => resolve(seen));
      });
    });
  }
}
