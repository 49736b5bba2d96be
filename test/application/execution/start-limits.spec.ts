import { StartLimits, type Candidate, type LimitsOfUsers } from '../../../src/application/execution/start-limits.js';

const at = { now: 0 };
beforeEach(() => (at.now = 0));

const limitsOf = (users: LimitsOfUsers): StartLimits =>
  new StartLimits(
    users,
    (tool) => (tool === 'mail' ? { calls: 1, perMs: 1_000 } : undefined),
    () => at.now,
  );

let attempts = 0;
const attempt = (tool: string, userId: number): Candidate => ({ key: `${++attempts}`, tool, userId });

/** Begins at once, or waits. */
const starts = (limits: StartLimits, tool: string, userId: number) => {
  const candidate = attempt(tool, userId);
  return limits.admit(candidate) ? limits.begin(candidate) : undefined;
};

describe('the limits of what begins', () => {
  it('are those of the tool and of the person', () => {
    const limits = limitsOf({ concurrency: 2 });
    expect(starts(limits, 'mail', 7)).toBeDefined();
    expect(starts(limits, 'mail', 8)).toBeUndefined();
    expect(starts(limits, 'note', 7)).toBeDefined();
    expect(starts(limits, 'note', 7)).toBeUndefined();
    expect(starts(limits, 'note', 9)).toBeDefined();
    expect([limits.roomOfUser(7), limits.roomOfUser(9), limits.roomOfTool('mail'), limits.roomOfTool('note')]).toEqual([0, 1, 0, Infinity]);
    expect(limits.fullUsers()).toEqual([7]);
  });

  it('count who was let in, before it begins', () => {
    const limits = limitsOf({ concurrency: 1 });
    const first = attempt('note', 7);
    expect([limits.admit(first), limits.admit(first), limits.admit(attempt('note', 7))]).toEqual([true, true, false]);
    let told = 0;
    limits.onRoom(() => (told += 1));
    limits.release(first.key);
    limits.release(first.key);
    expect([limits.roomOfUser(7), told]).toEqual([1, 1]);
  });

  it('keep room for who has waited, for some time, and let nobody who comes later have it', () => {
    const limits = limitsOf({ concurrency: 1 });
    const permit = starts(limits, 'note', 7)!;
    expect(starts(limits, 'note', 7)).toBeUndefined();
    permit.end();
    expect(starts(limits, 'note', 7)).toBeUndefined();
    const waited = attempt('note', 7);
    expect(limits.reserve(waited)).toBe(true);
    expect(limits.reserve(attempt('note', 7))).toBe(false);
    at.now = 29_999;
    expect(limits.roomOfUser(7)).toBe(0);
    at.now = 30_000;
    expect(limits.roomOfUser(7)).toBe(1);
  });

  it('keep it for good once the attempt has come', () => {
    const limits = limitsOf({ concurrency: 1 });
    const waited = attempt('note', 7);
    limits.reserve(waited);
    expect(limits.admit(waited)).toBe(true);
    at.now = 100_000;
    expect(limits.roomOfUser(7)).toBe(0);
    limits.begin(waited).end();
    expect(limits.roomOfUser(7)).toBe(1);
  });

  it('let those who come begin at once again when nobody waits any more', () => {
    const limits = limitsOf({ concurrency: 1 });
    const permit = starts(limits, 'note', 7)!;
    expect(starts(limits, 'note', 7)).toBeUndefined();
    permit.end();
    limits.stillWait([{ tool: 'note', userId: 7 }]);
    expect(starts(limits, 'note', 7)).toBeUndefined();
    limits.stillWait([]);
    expect(starts(limits, 'note', 7)).toBeDefined();
  });

  it('have room for a person again once an attempt of theirs is over, and tell of it', () => {
    const limits = limitsOf({ concurrency: 1 });
    let told = 0;
    limits.onRoom(() => (told += 1));
    const permit = starts(limits, 'note', 7)!;
    expect([limits.roomOfUser(7), told, limits.nextRoomInMs()]).toEqual([0, 0, Infinity]);
    permit.end();
    permit.end();
    expect([limits.roomOfUser(7), told]).toEqual([1, 1]);
  });

  it('count nothing of an attempt that did not begin', () => {
    const limits = limitsOf({ rate: { calls: 1, perMs: 500 } });
    starts(limits, 'mail', 7)!.giveBack();
    expect([limits.roomOfTool('mail'), limits.roomOfUser(7)]).toEqual([1, 1]);
    starts(limits, 'mail', 7)!.end();
    expect([limits.roomOfTool('mail'), limits.roomOfUser(7)]).toEqual([0, 0]);
  });

  it('say when there is room by itself', () => {
    const limits = limitsOf({ rate: { calls: 1, perMs: 500 } });
    starts(limits, 'mail', 7)!.end();
    at.now = 100;
    expect([limits.nextRoomInMs(), limits.fullUsers()]).toEqual([400, [7]]);
    at.now = 600;
    expect([limits.nextRoomInMs(), limits.fullUsers(), limits.roomOfTool('mail'), limits.roomOfUser(7)]).toEqual([400, [], 0, 1]);
  });

  it('are none where none is set', () => {
    const limits = limitsOf({});
    expect([limits.roomOfUser(7), limits.roomOfTool('note'), limits.fullUsers(), limits.nextRoomInMs()]).toEqual([
      Infinity,
      Infinity,
      [],
      Infinity,
    ]);
  });
});
