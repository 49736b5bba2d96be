import { StartLimits, type LimitsOfUsers } from '../../../src/application/execution/start-limits.js';

const at = { now: 0 };
beforeEach(() => (at.now = 0));

const limitsOf = (users: LimitsOfUsers): StartLimits =>
  new StartLimits(
    users,
    (tool) => (tool === 'mail' ? { calls: 1, perMs: 1_000 } : undefined),
    () => at.now,
  );

describe('the limits of what begins', () => {
  it('are those of the tool and of the person', () => {
    const limits = limitsOf({ concurrency: 2 });
    expect(limits.tryEnter('mail', 7)).toBeDefined();
    expect(limits.tryEnter('mail', 8)).toBeUndefined();
    expect(limits.tryEnter('note', 7)).toBeDefined();
    expect(limits.tryEnter('note', 7)).toBeUndefined();
    expect(limits.tryEnter('note', 8)).toBeDefined();
    expect([limits.roomOfUser(7), limits.roomOfUser(8), limits.roomOfTool('mail'), limits.roomOfTool('note')]).toEqual([0, 1, 0, Infinity]);
    expect(limits.fullUsers()).toEqual([7]);
  });

  it('have room for a person again once an attempt of theirs is over, and tell of it', () => {
    const limits = limitsOf({ concurrency: 1 });
    let told = 0;
    limits.onRoom(() => (told += 1));
    const permit = limits.tryEnter('note', 7)!;
    expect([limits.room('note', 7), told, limits.nextRoomInMs()]).toEqual([0, 0, Infinity]);
    permit.end();
    permit.end();
    expect([limits.room('note', 7), told]).toEqual([1, 1]);
  });

  it('count nothing of an attempt that did not begin', () => {
    const limits = limitsOf({ rate: { calls: 1, perMs: 500 } });
    limits.tryEnter('mail', 7)!.giveBack();
    expect(limits.room('mail', 7)).toBe(1);
    limits.tryEnter('mail', 7)!.end();
    expect(limits.room('mail', 7)).toBe(0);
  });

  it('say when there is room by itself', () => {
    const limits = limitsOf({ rate: { calls: 1, perMs: 500 } });
    limits.tryEnter('mail', 7)!.end();
    at.now = 100;
    expect([limits.nextRoomInMs(), limits.fullUsers()]).toEqual([400, [7]]);
    at.now = 600;
    expect([limits.nextRoomInMs(), limits.fullUsers(), limits.room('mail', 7), limits.room('note', 7)]).toEqual([400, [], 0, 1]);
  });

  it('are none where none is set', () => {
    const limits = limitsOf({});
    expect([limits.room('note', 7), limits.fullUsers(), limits.nextRoomInMs()]).toEqual([Infinity, [], Infinity]);
  });
});
