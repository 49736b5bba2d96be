import { until } from '@lifeos/test-support';
import type { RecordedEvent } from '../../../src/application/ports/event-log.js';
import { BatchWriter } from '../../../src/infrastructure/read-models/projection/batch-writer.js';

const at = (position: number): RecordedEvent => ({ position: BigInt(position) }) as RecordedEvent;

/** Batches whose writing ends when the test says so. */
class Scripted {
  readonly written: { readonly positions: readonly number[]; readonly after: number }[] = [];
  readonly upTo: number[] = [];
  brokenTimes = 0;
  private settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  write(events: readonly RecordedEvent[], after: bigint): Promise<void> {
    this.written.push({ positions: events.map(({ position }) => Number(position)), after: Number(after) });
    return new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  upToDate(position: bigint): void {
    this.upTo.push(Number(position));
  }

  broken(): void {
    this.brokenTimes += 1;
  }

  /** @param next batches that are written in the end */
  async finish(next = this.written.length): Promise<void> {
    this.settle!.resolve();
    await until('the next batch', () => this.written.length >= next);
    await new Promise(setImmediate);
  }

  async fail(error: Error): Promise<void> {
    this.settle!.reject(error);
    await new Promise(setImmediate);
  }
}

describe('batches', () => {
  it('hold what arrived while the one before was being written', async () => {
    const batches = new Scripted();
    const writer = new BatchWriter(batches, 5n);
    await writer.add([at(10)], true);
    await writer.add([at(20)]);
    await writer.add([at(30)]);
    expect(batches.written).toEqual([{ positions: [10], after: 5 }]);
    await batches.finish(2);
    expect(batches.written.slice(1)).toEqual([{ positions: [20, 30], after: 10 }]);
    await batches.finish();
    await writer.end();
    expect(batches.upTo).toEqual([30]);
  });

  it('wait a moment for more, and go on at once where an event is urgent or somebody waits', async () => {
    const batches = new Scripted();
    const writer = new BatchWriter(batches, 0n);
    await writer.add([at(10)]);
    await writer.add([at(20)]);
    expect(batches.written).toEqual([]);
    await until('the moment to be over', () => batches.written.length === 1);
    await batches.finish();
    await writer.add([at(30)]);
    await writer.add([at(40)], true);
    await until('the urgent one', () => batches.written.length === 2);
    await batches.finish();
    await writer.add([at(50)]);
    writer.hurry();
    await until('the one that is waited for', () => batches.written.length === 3);
    await batches.finish();
    await writer.add([at(60)]);
    const ended = writer.end();
    await batches.finish();
    await ended;
    expect(batches.written).toEqual([
      { positions: [10, 20], after: 0 },
      { positions: [30, 40], after: 20 },
      { positions: [50], after: 40 },
      { positions: [60], after: 50 },
    ]);
  });

  it('tell how far everything is when nothing is under way any more', async () => {
    const batches = new Scripted();
    const writer = new BatchWriter(batches, 0n);
    writer.pass(7n);
    expect(batches.upTo).toEqual([7]);
    await writer.add([at(10)], true);
    writer.pass(40n);
    expect(batches.upTo).toEqual([7]);
    await batches.finish();
    expect(batches.upTo).toEqual([7, 40]);
    writer.pass(39n);
    expect(batches.upTo).toEqual([7, 40, 40]);
  });

  it('make the feed wait at 500 events', async () => {
    const batches = new Scripted();
    const writer = new BatchWriter(batches, 0n);
    for (let n = 1; n <= 500; n++) await writer.add([at(n)], true);
    let taken = false;
    const last = writer.add([at(501)]).then(() => (taken = true));
    await new Promise(setImmediate);
    expect(taken).toBe(false);
    await batches.finish(2);
    await last;
    expect(batches.written[1]!.positions).toHaveLength(500);
  });

  it.each([
    ['while few events wait', 2],
    ['while the feed waits', 501],
  ])('are not written any more after one failed %s: the next checkpoint would pass what is lost', async (_, count) => {
    const batches = new Scripted();
    const writer = new BatchWriter(batches, 0n);
    const taken: Promise<unknown>[] = [];
    for (let n = 1; n <= count; n++) taken.push(writer.add([at(n)], true).catch((error: unknown) => error));
    await batches.fail(new Error('disk full'));
    await Promise.all(taken);
    await expect(writer.add([at(1_000)])).rejects.toThrow('disk full');
    expect(() => writer.pass(2_000n)).toThrow('disk full');
    await expect(writer.end()).rejects.toThrow('disk full');
    expect(batches).toMatchObject({ written: [{ positions: [1] }], upTo: [], brokenTimes: 1 });
  });
});
