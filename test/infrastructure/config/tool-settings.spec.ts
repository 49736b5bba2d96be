import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfiguration } from '../../../src/infrastructure/config/environment.js';
import { systemClock } from '../../../src/infrastructure/system/system-clock.js';
import { createTools } from '../../../src/infrastructure/tools/create-tools.js';

let folder = '';
beforeAll(async () => (folder = await mkdtemp(path.join(tmpdir(), 'tool-settings-'))));
afterAll(() => rm(folder, { recursive: true }));

async function settingsOf(text: string) {
  const file = path.join(folder, 'tools.json');
  await writeFile(file, text);
  return readConfiguration({ LIFEOS_TOOL_SETTINGS: file }).toolSettings;
}

const toolsWith = async (settings: unknown) =>
  createTools({ outboxDir: folder, clock: systemClock, settings: await settingsOf(JSON.stringify(settings)) });

describe('settings of tools', () => {
  it('stand in the place of what a tool says of itself, and those of a tool before those of all', async () => {
    const tools = await toolsWith({
      '*': { retry: { max_attempts: 7, jitter: 0 }, timeout_ms: 1_000 },
      email_send: {
        concurrency: 2,
        rate: { calls: 10, per_ms: 60_000 },
        retry: { initial_delay_ms: 5, multiplier: 3, max_delay_ms: 50 },
        timeout_ms: 9,
      },
    });
    const { retry } = tools.manifest('job_search')!;
    expect(tools.manifest('job_search')).toMatchObject({ timeoutMs: 1_000, retry: { maxAttempts: 7, jitter: 0 } });
    expect(tools.manifest('job_search')!.rate).toBeUndefined();
    expect(tools.manifest('email_send')).toMatchObject({
      timeoutMs: 9,
      concurrency: 2,
      rate: { calls: 10, perMs: 60_000 },
      retry: { ...retry, initialDelayMs: 5, multiplier: 3, maxDelayMs: 50 },
    });
  });

  it('limit the places of a tool', async () => {
    const tools = await toolsWith({ email_send: { concurrency: 1 } });
    expect(tools.tryEnter('email_send')).toBeDefined();
    expect(tools.tryEnter('email_send')).toBeUndefined();
  });

  it('change nothing where there are none', () => {
    const settings = readConfiguration({}).toolSettings;
    const [plain, configured] = [{}, { settings }].map((more) =>
      createTools({ outboxDir: folder, clock: systemClock, ...more }).manifests(),
    );
    expect(configured).toEqual(plain);
  });

  it('refuse a tool that is not there', async () => {
    await expect(toolsWith({ emial_send: {} })).rejects.toThrow('The settings of tools are about "emial_send", which is no tool.');
  });

  it.each([
    ['{', /names \S+: it is not JSON \(.+\)\.$/],
    ['[]', /names \S+: \/: .*expected record.*\.$/],
    ['{"email_send": {"rate": {"calls": 0, "per_ms": 1}}}', /: \/email_send\/rate\/calls: .+\.$/],
    ['{"email_send": {"retries": 3}}', /: \/email_send: .*"retries".*\.$/],
    ['{"*": {"retry": {"jitter": 2}}}', /: \/\*\/retry\/jitter: .+\.$/],
  ])('refuse %j in one line', async (text, message) => {
    await expect(settingsOf(text)).rejects.toThrow(message);
  });

  it('refuse a file that is not there', () => {
    expect(() => readConfiguration({ LIFEOS_TOOL_SETTINGS: path.join(folder, 'none.json') })).toThrow(
      /^LIFEOS_TOOL_SETTINGS names .*none\.json: .*ENOENT/,
    );
  });
});

describe('limits of users', () => {
  it.each([
    [{}, {}],
    [{ LIFEOS_USER_CONCURRENCY: '3' }, { concurrency: 3 }],
    [{ LIFEOS_USER_RATE: '100/60' }, { rate: { calls: 100, perMs: 60_000 } }],
  ])('takes %j', (environment, limits) => {
    expect(readConfiguration(environment).limitsOfUsers).toEqual(limits);
  });

  it.each([
    ['LIFEOS_USER_CONCURRENCY', '0'],
    ['LIFEOS_USER_RATE', '100'],
    ['LIFEOS_USER_RATE', '0/60'],
    ['LIFEOS_USER_RATE', '1/86401'],
  ])('refuses %s=%s in one line', (name, value) => {
    expect(() => readConfiguration({ [name]: value })).toThrow(new RegExp(`^${name} takes .*; it is ${JSON.stringify(value)}\\.$`));
  });
});
