import * as crypto from 'node:crypto';
import * as timers from 'node:timers/promises';
import { jest } from '@jest/globals';
import { virtualDelay, virtualId } from './virtual-process.js';

jest.unstable_mockModule('node:crypto', () => ({ ...crypto, randomUUID: virtualId }));
jest.unstable_mockModule('node:timers/promises', () => ({ ...timers, setTimeout: virtualDelay }));
const { World } = await import('./world.js');
const { check } = await import('./checker.js');

it('tries', async () => {
  const t = Date.now(); const c = process.cpuUsage();
  let n = 0;
  const all = new Map<string, string[]>();
  const from = Number(process.env['SIMULATION_FROM'] ?? 0);
  for (let seed = from; seed < from + Number(process.env['SIMULATION_SEEDS'] ?? 100); seed++) {
    const world = new World(seed);
    const h = await world.live();
    n += world.clock.step;
    for (const { invariant, kind, message } of check(h)) {
      const k = `${invariant} ${kind}`;
      all.set(k, [...(all.get(k) ?? []), `${seed}: ${message}`]);
    }
  }
  console.log(Date.now() - t, process.cpuUsage(c), n, [...all].map(([k, v]) => `${k} ${v.length}\n   ${v.slice(0, 4).join('\n   ')}`).join('\n'));
});
