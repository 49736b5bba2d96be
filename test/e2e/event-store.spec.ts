import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import path from 'node:path';
import { all } from '@lifeos/test-support';
import { LifeosProcess, removeFolder, temporaryFolder } from './support/engine-process.js';

const TLS = path.resolve('packages/event-store-node/test/support/tls');
const CERTIFICATE = path.join(TLS, 'certificate.pem');
const KEY = path.join(TLS, 'key.pem');

async function addressOf(node: LifeosProcess): Promise<string> {
  return (await node.says(/^listening on (esdb:\S+)$/m))[1]!;
}

describe('lifeos eventstore', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): LifeosProcess =>
    LifeosProcess.start(['eventstore', '--port', '0', ...args], { LIFEOS_DATA_DIR: folder, ...environment });

  async function stop(node: LifeosProcess): Promise<void> {
    node.kill('SIGTERM');
    expect(await node.exited).toEqual({ code: 0, signal: null });
  }

  it('keeps its log in a folder, which is its own while it runs', async () => {
    const node = start(['--data', folder]);
    const client = EventStoreDBClient.connectionString(await addressOf(node));
    await client.appendToStream('kept', [jsonEvent({ type: 'happened', data: {} })]);
    const second = start(['--data', folder]);
    expect((await second.exited).code).toBe(1);
    expect(second.output.trim().split('\n')).toEqual([expect.stringMatching(/data folder .* is in use by process \d+/)]);
    await client.dispose();
    await stop(node);
    const again = start(['--data', folder]);
    const other = EventStoreDBClient.connectionString(await addressOf(again));
    expect(await all(other.readStream('kept'))).toHaveLength(1);
    await other.dispose();
    await stop(again);
  });

  it('keeps nothing with --memory', async () => {
    const node = start(['--memory'], { TMPDIR: folder });
    const client = EventStoreDBClient.connectionString(await addressOf(node));
    await client.appendToStream('lost', [jsonEvent({ type: 'happened', data: {} })]);
    expect(await all(client.readStream('lost'))).toHaveLength(1);
    await client.dispose();
    await stop(node);
    const again = start(['--memory'], { TMPDIR: folder });
    const other = EventStoreDBClient.connectionString(await addressOf(again));
    await expect(all(other.readStream('lost'))).rejects.toThrow(/not found/i);
    await other.dispose();
    await stop(again);
  });

  it('serves TLS to users, and says whose passwords are those that everybody knows', async () => {
    const node = start(['--memory', '--tls-cert', CERTIFICATE, '--tls-key', KEY, '--users'], { EVENTSTORE_OPS_PASSWORD: 'secret' });
    const address = await addressOf(node);
    expect(node.output).toContain('EVENTSTORE_ADMIN_PASSWORD is not set: the password of "admin" is "changeit".');
    expect(node.output).not.toContain('secret');
    const as = (who: string) =>
      EventStoreDBClient.connectionString(`${address.replace('esdb://', `esdb://${who}@`)}&tlsCAFile=${encodeURIComponent(CERTIFICATE)}`);
    const [admin, ops] = [as('admin:changeit'), as('ops:secret')];
    await ops.appendToStream('open', [jsonEvent({ type: 'happened', data: {} })]);
    await expect(all(ops.readAll())).rejects.toThrow('Access Denied');
    expect((await all(admin.readAll())).length).toBeGreaterThan(0);
    await Promise.all([admin.dispose(), ops.dispose()]);
    await stop(node);
  });

  it.each([
    [['--tls-cert', CERTIFICATE], '--tls-cert and --tls-key go together.'],
    [['--tls-cert', 'nowhere.pem', '--tls-key', KEY], '--tls-cert: nowhere.pem cannot be read (ENOENT).'],
    [['--tls-cert', 'package.json', '--tls-key', KEY], '--tls-cert: package.json is not PEM.'],
    [['--memory', '--data', 'somewhere'], '--memory keeps nothing: leave out --data.'],
  ])('refuses %j in one line', async (args, line) => {
    const node = start(args);
    expect((await node.exited).code).toBe(1);
    expect(node.output).toBe(`lifeos: ${line}\n`);
  });
});
