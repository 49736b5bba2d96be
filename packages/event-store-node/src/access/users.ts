import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Members may do everything. */
export const ADMINS = '$admins';
/** Members may manage persistent subscriptions. */
export const OPERATORS = '$ops';

/** Somebody who may use the node. */
export interface User {
  readonly name: string;
  readonly password: string;
  readonly groups: readonly string[];
}

/** Somebody whose password was right. */
export interface Principal {
  readonly name: string;
  readonly groups: readonly string[];
}

interface Account extends Principal {
  readonly digest: Buffer;
}

/** Knows users by their passwords, of which it keeps keyed digests only. */
export class Users {
  private readonly key = randomBytes(32);
  private readonly accounts: ReadonlyMap<string, Account>;
  /** Compared with where there is no such user, so that the time tells nothing. */
  private readonly nobody = randomBytes(32);

  constructor(users: readonly User[]) {
    this.accounts = new Map(users.map(({ name, groups, password }) => [name, { name, groups, digest: this.digest(password) }]));
  }

  /** Undefined where there is no such user, or the password is another one. */
  authenticate(name: string, password: string): Principal | undefined {
    const account = this.accounts.get(name);
    const isRight = timingSafeEqual(this.digest(password), account?.digest ?? this.nobody);
    return isRight ? account : undefined;
  }

  private digest(password: string): Buffer {
    return createHmac('sha256', this.key).update(password).digest();
  }
}
