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

/** An attempt that is to begin. */
export interface Candidate {
  /** Names the attempt. */
  readonly key: string;
  readonly tool: string;
  readonly userId: number;
}

interface OfUser {
  running: number;
  readonly rate: CallRate | undefined;
}

/** Room that is kept for an attempt which has not come by then goes to others, in milliseconds. */
const RESERVED_MS = 30_000;

/**
 * What is counted before an attempt begins: how often its tool may be called, and what one person may have. Nobody waits here: who finds no room waits in the log, so that they
 * take no place from others, and as long as somebody does, who comes later waits there too. Room is reserved when an attempt is let in, and counts from then on. Counted for this
 * process, from its start.
 */
export class StartLimits {
  private readonly rates = new Map<string, CallRate | undefined>();
  private readonly users = new Map<number, OfUser>();
  private readonly reserved = new Map<string, Candidate & { readonly until: number }>();
  private readonly waitingTools = new Set<string>();
  private readonly waitingUsers = new Set<number>();
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

  /** Lets an attempt in that has just come. False where there is no room, or others wait for it: then it is to wait in the log. */
  admit(candidate: Candidate): boolean {
    const { key, tool, userId } = candidate;
    const offered = this.reserved.get(key);
    if (offered) {
      this.reserved.set(key, { ...offered, until: Infinity });
      return true;
    }
    const isQueued = this.waitingTools.has(tool) || this.waitingUsers.has(userId);
    if (!isQueued && this.reserve(candidate, Infinity)) return true;
    this.waits(candidate);
    return false;
  }

  /** Keeps room for an attempt that has waited, for some time: it may be begun elsewhere. */
  reserve(candidate: Candidate, until = this.now() + RESERVED_MS): boolean {
    const { key, tool, userId } = candidate;
    if (this.reserved.has(key)) return true;
    if (this.roomOfTool(tool) <= 0 || this.roomOfUser(userId) <= 0) return false;
    if (this.isLimited(tool)) this.reserved.set(key, { ...candidate, until });
    return true;
  }

  /** It will not begin here. */
  release(key: string): void {
    if (this.reserved.delete(key)) this.tell();
  }

  /** An attempt that was let in begins. */
  begin({ key, tool, userId }: Candidate): StartPermit {
    const now = this.now();
    this.reserved.delete(key);
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

  roomOfTool(tool: string): number {
    const rate = this.rate(tool);
    return rate ? rate.room(this.now()) - this.reservedWhere((one) => one.tool === tool) : Infinity;
  }

  roomOfUser(userId: number): number {
    if (!this.isUserLimited) return Infinity;
    const { concurrency = Infinity, rate } = this.ofUsers;
    const user = this.users.get(userId);
    const room = Math.min(concurrency - (user?.running ?? 0), user?.rate?.room(this.now()) ?? rate?.calls ?? Infinity);
    return room - this.reservedWhere((one) => one.userId === userId);
  }

  /** People in whose runs nothing may begin now. */
  fullUsers(): readonly number[] {
    this.forgetUsers();
    const known = new Set([...this.users.keys(), ...[...this.reserved.values()].map(({ userId }) => userId)]);
    return [...known].filter((userId) => this.roomOfUser(userId) <= 0);
  }

  /** Of tools and people that have room nobody waits any more but these. */
  stillWait(waiting: readonly Pick<Candidate, 'tool' | 'userId'>[]): void {
    for (const tool of this.waitingTools)
      if (this.roomOfTool(tool) > 0 && !waiting.some((one) => one.tool === tool)) this.waitingTools.delete(tool);
    for (const userId of this.waitingUsers)
      if (this.roomOfUser(userId) > 0 && !waiting.some((one) => one.userId === userId)) this.waitingUsers.delete(userId);
  }

  /** Milliseconds until there is room that there is not now, by itself: Infinity where that takes an attempt that ends. */
  nextRoomInMs(): number {
    const now = this.now();
    const full = [...this.rates.values(), ...[...this.users.values()].map(({ rate }) => rate)].filter(
      (rate) => rate && rate.room(now) <= 0,
    );
    return Math.min(Infinity, ...full.map((rate) => rate!.nextAt(now) - now));
  }

  /** Calls back when there is room again that was taken. Returns how to stop that. */
  onRoom(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private get isUserLimited(): boolean {
    return this.ofUsers.concurrency !== undefined || this.ofUsers.rate !== undefined;
  }

  private isLimited(tool: string): boolean {
    return this.isUserLimited || this.rate(tool) !== undefined;
  }

  /** It waits in the log from now on. */
  private waits({ tool, userId }: Candidate): void {
    if (this.rate(tool)) this.waitingTools.add(tool);
    if (this.isUserLimited) this.waitingUsers.add(userId);
  }

  private reservedWhere(counts: (one: Candidate) => boolean): number {
    const now = this.now();
    let count = 0;
    for (const [key, one] of this.reserved) {
      if (one.until <= now) this.reserved.delete(key);
      else if (counts(one)) count += 1;
    }
    return count;
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
    this.tell();
  }

  private tell(): void {
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
