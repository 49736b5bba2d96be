import * as crypto from 'node:crypto';
import * as timers from 'node:timers/promises';
import { jest } from '@jest/globals';
import { virtualDelay, virtualId } from './virtual-process.js';

jest.unstable_mockModule('node:crypto', () => ({ ...crypto, randomUUID: virtualId }));
jest.unstable_mockModule('node:timers/promises', () => ({ ...timers, setTimeout: virtualDelay }));
const { World } = await import('./world.js');

it('tries', async () => {
  const t = Date.now();
  let n = 0;
  for (let seed = 0; seed < 50; seed++) {
    const world = new World(seed);
    const h = await world.live();
    n += world.clock.step;
    if (seed < 3) console.log(seed, world.clock.elapsed(), world.clock.step, h.events.filter(e=>e.streamId.startsWith('workflow-')).map((e) => `${e.streamId.slice(9)} ${e.type} ${String(e.data['stepId'] ?? '')} ${String(e.data['attempt'] ?? '')} ${e.metadata.actor?.id}`).join('\n'), h.calls.length, h.orders.map(o=>[o.kind, o.answers.length, o.answers[0]?.refusal]));
  }
  console.log(Date.now() - t, n);
});
