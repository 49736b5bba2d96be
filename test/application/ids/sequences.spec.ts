import { all, unique } from '@lifeos/test-support';
import { Sequences } from '../../../src/application/ids/sequences.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { sharedStore } from '../support/test-store.js';
import { WatchedLog } from '../support/watched-log.js';

const store = sharedStore();

/** The sequences of a process of its own. */
function sequences() {
  const log = new WatchedLog(store().log);
  return { log, ids: new Sequences(log) };
}

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const inOrder = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);

describe('a sequence', () => {
  it('counts from 1, and apart from other sequences', async () => {
    const { ids } = sequences();
    const [one, two] = [unique('one'), unique('two')];
    expect(await ids.next(one)).toBe(1);
    expect(await ids.next(one)).toBe(2);
    expect(await ids.next(two)).toBe(1);
  });

  it('serves all who wait with one append', async () => {
    const { ids, log } = sequences();
    const name = unique('sequence');
    const given = await Promise.all(upTo(100).map(() => ids.next(name)));
    expect(given).toEqual(upTo(100));
    expect(log.appendsTo(`sequence-${name}`)).toHaveLength(2);
  });

  it('goes on after a restart, without a gap where nothing was lost', async () => {
    const name = unique('sequence');
    const before = await Promise.all(upTo(5).map(() => sequences().ids.next(name)));
    await store().restart();
    const after = await sequences().ids.next(name);
    expect(inOrder([...before, after])).toEqual(upTo(6));
  });

  it('gives no number twice, whichever process asks', async () => {
    const name = unique('sequence');
    const processes = [sequences(), sequences(), sequences()];
    const given: number[] = [];
    await Promise.all(
      processes.flatMap(({ ids }) =>
        upTo(4).map(async () => {
          for (let n = 0; n < 5; n++) given.push(await ids.next(name));
        }),
      ),
    );
    expect(inOrder(given)).toEqual(upTo(60));
  });

  it('loses the numbers of a reservation whose outcome is unknown, and gives none of them twice', async () => {
    const { ids, log } = sequences();
    const name = unique('sequence');
    expect(await ids.next(name)).toBe(1);
    log.afterAppend = () => Promise.reject(new EventLogUnavailable('gone'));
    await expect(ids.next(name)).rejects.toBeInstanceOf(EventLogUnavailable);
    log.afterAppend = () => undefined;
    expect(await ids.next(name)).toBe(3);
  });

  it('tells all who wait that the event store is away, and serves them when it is back', async () => {
    const { ids, log } = sequences();
    const name = unique('sequence');
    log.beforeAppend = () => Promise.reject(new EventLogUnavailable('gone'));
    const refused = await Promise.allSettled([ids.next(name), ids.next(name)]);
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    log.beforeAppend = () => undefined;
    expect(await ids.next(name)).toBe(1);
  });
});

describe("a sequence's stream", () => {
  const lengthOf = async (name: string): Promise<number> => (await all(store().log.readStream(`sequence-${name}`))).length;

  it('stays short', async () => {
    const { ids } = sequences();
    const name = unique('sequence');
    for (const _ of upTo(15)) await ids.next(name);
    expect(await lengthOf(name)).toBe(10);
    expect(await ids.next(name)).toBe(16);
  });

  it('stays short although the process died, or the store went away, before it could be bounded', async () => {
    const name = unique('sequence');
    const first = sequences();
    first.log.keepLast = () => Promise.reject(new EventLogUnavailable('gone'));
    expect(await first.ids.next(name)).toBe(1);
    const second = sequences();
    for (const _ of upTo(15)) await second.ids.next(name);
    expect(await lengthOf(name)).toBe(10);
  });
});
