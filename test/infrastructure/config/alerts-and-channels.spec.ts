import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfiguration } from '../../../src/infrastructure/config/environment.js';

let folder = '';
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'configuration-files-'))));
afterAll(() => rm(folder, { recursive: true }));

async function configured(variable: 'LIFEOS_ALERTS' | 'LIFEOS_CHANNELS', value: unknown, more: NodeJS.ProcessEnv = {}) {
  const file = path.join(folder, 'file.json');
  await writeFile(file, JSON.stringify(value));
  return readConfiguration({ [variable]: file, ...more });
}
const rules = async (value: unknown) => (await configured('LIFEOS_ALERTS', value)).alertRules;
const channels = async (value: unknown, more?: NodeJS.ProcessEnv) => (await configured('LIFEOS_CHANNELS', value, more)).channels;

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe('rules of alerts', () => {
  it('are none without a file', () => {
    expect(readConfiguration({}).alertRules).toEqual([]);
  });

  it('are read with their times in milliseconds', async () => {
    const read = await rules([
      { name: 'failures', kind: 'failure_rate', window: '15m', above: 0.2, tool: 'email_send' },
      { name: 'stuck', kind: 'stuck_run', longer_than: '2h' },
      { name: 'backlog', kind: 'approval_backlog', more_than: 20, older_than: '1d' },
      { name: 'behind', kind: 'read_models_behind', longer_than: '90s' },
    ]);
    expect(read).toEqual([
      { name: 'failures', kind: 'failure_rate', windowMs: 900_000, above: 0.2, atLeast: 10, tool: 'email_send' },
      { name: 'stuck', kind: 'stuck_run', longerThanMs: 7_200_000 },
      { name: 'backlog', kind: 'approval_backlog', moreThan: 20, olderThanMs: 86_400_000 },
      { name: 'behind', kind: 'read_models_behind', longerThanMs: 90_000 },
    ]);
  });

  it.each<readonly [unknown, RegExp]>([
    [{}, /file\.json: \/: /],
    [[{ name: 'x', kind: 'else' }], /\/0\/kind: /],
    [[{ name: 'x', kind: 'stuck_run', longer_than: '2 hours' }], /\/0\/longer_than: takes a time such as 90s, 15m, 4h or 2d/],
    [[{ name: 'x', kind: 'stuck_run', longer_than: '999d' }], /\/0\/longer_than: takes a year at most/],
    [[{ name: 'x', kind: 'approval_backlog' }], /\/0: needs more_than or older_than/],
    [[{ name: 'x', kind: 'failure_rate', window: '1m', above: 20 }], /\/0\/above: /],
    [[1, 2].map(() => ({ name: 'x', kind: 'stuck_run', longer_than: '1h' })), /two rules have one name/],
  ])('are refused with their place: %j', async (value, why) => {
    await expect(rules(value)).rejects.toThrow(why);
  });
});

describe('channels in a file', () => {
  it('are left as they are without a file', () => {
    expect(readConfiguration({}).channels).toBeUndefined();
  });

  it('are read, with what variables hold', async () => {
    const read = await channels(
      [
        { name: 'ops', type: 'slack', url: { from_env: 'OPS_URL' }, events: ['alert.began'] },
        { name: 'hook', type: 'webhook', url: 'https://hooks.example.org/x', secret: { from_env: 'HOOK' }, filter: { risk_from: 'L3' } },
        { name: 'mail', type: 'email', address: 'ops@example.org' },
      ],
      { OPS_URL: 'https://hooks.example.org/secret', HOOK: SECRET },
    );
    expect(read).toEqual([
      { name: 'ops', kind: 'slack', address: 'https://hooks.example.org/secret', filter: {}, events: ['alert.began'] },
      { name: 'hook', kind: 'webhook', address: 'https://hooks.example.org/x', secret: SECRET, filter: { riskFrom: 'L3' } },
      { name: 'mail', kind: 'email', address: 'ops@example.org', filter: {} },
    ]);
  });

  it.each<readonly [object, RegExp]>([
    [{ name: 'x', type: 'pigeon' }, /\/0\/type: /],
    [{ name: 'x', type: 'slack' }, /\/0\/url: a channel of type slack needs it/],
    [{ name: 'x', type: 'email', address: 'a@example.org', url: 'https://x.org' }, /\/0\/url: a channel of type email has none/],
    [{ name: 'x', type: 'webhook', url: 'https://x.org' }, /\/0\/secret: takes whsec_/],
    [{ name: 'x', type: 'webhook', url: 'https://x.org', secret: 'whsec_c2hvcnQ=' }, /\/0\/secret: takes whsec_/],
    [{ name: 'x', type: 'slack', url: { from_env: 'MISSING' } }, /\/0\/url: MISSING is not set/],
    [{ name: 'x', type: 'email', address: 'a@example.org', events: ['else'] }, /\/0\/events\/0: /],
  ])('are refused with their place, and without secrets: %j', async (channel, why) => {
    const refused = channels([channel]);
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.not.toThrow(/c2hvcnQ/);
  });
});
