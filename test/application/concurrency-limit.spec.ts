import { ConcurrencyLimit } from '../../src/application/concurrency-limit.js';
import type { Priority } from '../../src/domain/workflow/lifecycle.js';

const NEVER = new AbortController().signal;

describe('a limit of places', () => {
  it('gives a free one to the more urgent first, and among those to who came first', async () => {
    const limit = new ConcurrencyLimit(1);
    await limit.enter(NEVER);
    const order: string[] = [];
    const waiting = (['low', 'normal', 'high', 'normal', 'high'] as const).map(async (priority: Priority, place) => {
      await limit.enter(NEVER, priority);
      order.push(`${priority} ${place}`);
      limit.leave();
    });
    expect(limit.tryEnter()).toBe(false);
    limit.leave();
    await Promise.all(waiting);
    expect(order).toEqual(['high 2', 'high 4', 'normal 1', 'normal 3', 'low 0']);
    expect(limit.tryEnter()).toBe(true);
  });

  it('passes over who has given up', async () => {
    const limit = new ConcurrencyLimit(1);
    await limit.enter(NEVER);
    const impatient = new AbortController();
    const gaveUp = limit.enter(impatient.signal, 'high');
    const patient = limit.enter(NEVER, 'low');
    impatient.abort();
    expect(await gaveUp).toBe(false);
    limit.leave();
    expect(await patient).toBe(true);
  });
});
