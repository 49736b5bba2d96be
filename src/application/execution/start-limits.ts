import type { RateLimit } from '../../domain/tool/rate-limit.js';
import { CallRate } from './call-rate.js';

export interface LimitsOfUsers {
  /** Steps of one person's runs that run at once in one process; undefined: as many as there are places. */
  readonly concurrency?: number;
  /** Attempts of one person's runs that begin in one process; undefined: as often as they come. */
  readonly rate?: RateLimit;
}

/** Leave to begin an attempt. */
export interface StartPermit {
  /** The attempt is over. */
  end(): void;
  /** It did not begin. */
  giveBack(): void;
}

interface OfUser {
  running: number;
  readonly rate: CallRate | undefined;
}

/**
 * What is counted before an attempt begins: how often its tool may be called, and what one person may have. Nobody waits here: who finds no room waits in the log, so that they
 * take no place from others. Counted for this process, from its start.
 */
export class StartLimits {
  private readonly rates = new Map<string, CallRate | undefined>();
  private readonly users = new Map<number, OfUser>();
  private readonly listeners = new Set<() => void>();

  /**
   * @param rateOf the limit of a tool, if it has one
   * @param now milliseconds of a clock that never goes back
   */
  constructor(
    private readonly ofUsers: LimitsOfUsers,
    private readonly rateOf: (tool: string) => RateLimit | undefined,
    private readonly now: () => number,
  ) {}

  /** Undefined where there is no room now. */
  tryEnter(tool: string, userId: number): StartPermit | undefined {
    const now = this.now();
    if (this.room(tool, userId) <= 0) return undefined;
    const rate = this.rate(tool);
    const user = this.isUserLimited ? this.user(userId) : undefined;
    rate?.take(now);
    user?.rate?.take(now);
    if (user) user.running += 1;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      if (user) this.leave(userId, user);
    };
    const giveBack = (): void => {
      if (isOver) return;
      rate?.giveBack(now);
      user?.rate?.giveBack(now);
      end();
    };
    return { end, giveBack };
  }

  /** How many attempts of the tool, in runs of that person, may begin now. */
  room(tool: string, userId: number): number {
    return Math.min(this.roomOfTool(tool), this.roomOfUser(userId));
  }

  roomOfTool(tool: string): number {
    return this.rate(tool)?.room(this.now()) ?? Infinity;
  }

  roomOfUser(userId: number): number {
    const { concurrency = Infinity, rate } = this.ofUsers;
    const user = this.users.get(userId);
    return Math.min(concurrency - (user?.running ?? 0), user?.rate?.room(this.now()) ?? rate?.calls ?? Infinity);
  }

  /** People in whose runs nothing may begin now. */
  fullUsers(): readonly number[] {
    this.forgetUsers();
    return [...this.users.keys()].filter((userId) => this.roomOfUser(userId) <= 0);
  }

  /** Milliseconds until there is room that there is not now, by itself: Infinity where that takes an attempt that ends. */
  nextRoomInMs(): number {
    const now = this.now();
    const full = [...this.rates.values(), ...[...this.users.values()].map(({ rate }) => rate)].filter(
      (rate) => rate && rate.room(now) <= 0,
    );
    return Math.min(Infinity, ...full.map((rate) => rate!.nextAt(now) - now));
  }

  /** Calls back when an attempt has ended. Returns how to stop that. */
  onRoom(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private get isUserLimited(): boolean {
    return this.ofUsers.concurrency !== undefined || this.ofUsers.rate !== undefined;
  }

  private rate(tool: string): CallRate | undefined {
    if (!this.rates.has(tool)) {
      const limit = this.rateOf(tool);
      this.rates.set(tool, limit && new CallRate(limit));
    }
    return this.rates.get(tool);
  }

  private user(userId: number): OfUser {
    const { rate } = this.ofUsers;
    const user = this.users.get(userId) ?? { running: 0, rate: rate && new CallRate(rate) };
    this.users.set(userId, user);
    return user;
  }

  private leave(userId: number, user: OfUser): void {
    user.running -= 1;
    if (user.running === 0 && !user.rate) this.users.delete(userId);
    for (const listener of this.listeners) listener();
  }

  /** Those of whom nothing counts any more. */
  private forgetUsers(): void {
    const { rate } = this.ofUsers;
    if (!rate) return;
    const now = this.now();
    for (const [userId, user] of this.users) if (user.running === 0 && user.rate!.room(now) === rate.calls) this.users.delete(userId);
  }
}
