import { AllowedAddresses, isAllowed, type ResolvedAddress } from '../../../src/infrastructure/notifications/allowed-addresses.js';
import { AddressRefused } from '../../../src/application/ports/notifications.js';
import { LARGEST_ANSWER, post } from '../../../src/infrastructure/notifications/post.js';
import { receivers } from '../../application/notifications/support/receiver.js';

const receiver = receivers();

const NEVER = [
  ...[
    '169.254.169.254',
    'fe80::1',
    '::ffff:169.254.169.254',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '255.255.255.255',
  ],
  ...['fd00:ec2::254', '100.100.100.200', '240.0.0.1', 'fec0::1', '2001::1', '192.0.2.1', '2001:db8::1'],
];
const PRIVATE = [
  ...[
    '127.0.0.1',
    '127.9.9.9',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fc00::1',
    'fd12::1',
    '::ffff:10.0.0.1',
    '::10.0.0.1',
  ],
];
const PUBLIC = ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '::ffff:1.1.1.1'];

const found = (...addresses: string[]): readonly ResolvedAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('where messages may be sent', () => {
  it.each(NEVER)('never to %s', (address) => expect([isAllowed(address, false), isAllowed(address, true)]).toEqual([false, false]));
  it.each(PRIVATE)('to %s only where private networks are allowed', (address) =>
    expect([isAllowed(address, false), isAllowed(address, true)]).toEqual([false, true]),
  );
  it.each(PUBLIC)('to %s', (address) => expect(isAllowed(address, false)).toBe(true));

  it.each([
    ...['https://127.0.0.1/', 'https://[::1]/', 'https://[::ffff:a00:1]/', 'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/'],
    ...['https://169.254.169.254/latest/meta-data/', 'https://10.0.0.1/', 'https://[fc00::1]/', 'https://127.1/', 'https://１２７.0.0.1/'],
    ...['http://1.1.1.1/', 'ftp://1.1.1.1/', 'file:///etc/passwd', 'https://user:secret@1.1.1.1/', 'not an address', 'https://'],
  ])('refuses %s', async (text) => {
    await expect(new AllowedAddresses(false).check(text)).rejects.toBeInstanceOf(AddressRefused);
  });

  it('refuses a name that resolves to a private address, also beside a public one, and its reason does not hold the address', async () => {
    for (const answer of [found('10.0.0.1'), found('1.1.1.1', '::1')]) {
      const addresses = new AllowedAddresses(false, () => Promise.resolve(answer));
      const refused = await addresses.check('https://hooks.example.org/s3cret').catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(AddressRefused);
      expect((refused as Error).message).not.toContain('s3cret');
    }
  });

  it('takes a name that does not resolve for now, but not without encryption', async () => {
    const addresses = new AllowedAddresses(true, () => Promise.reject(new Error('ENOTFOUND')));
    expect((await addresses.check('https://hooks.example.org/x')).href).toBe('https://hooks.example.org/x');
    await expect(addresses.check('http://hooks.example.org/x')).rejects.toBeInstanceOf(AddressRefused);
  });

  it('takes http only to this machine', async () => {
    const addresses = new AllowedAddresses(true);
    expect((await addresses.check('http://127.0.0.1:9/')).port).toBe('9');
    await expect(addresses.check('http://10.0.0.1/')).rejects.toBeInstanceOf(AddressRefused);
  });
});

describe('a post', () => {
  it('goes to the address that was checked: the name is not asked for again', async () => {
    const there = await receiver();
    let asked = 0;
    // An answer that changes: harmless when it is checked, not afterwards.
    const addresses = new AllowedAddresses(true, () => Promise.resolve(asked++ === 0 ? found('127.0.0.1') : found('169.254.169.254')));
    expect(await post(addresses, `http://hooks.example.org:${there.port}/x`, '{}', {})).toEqual({ kind: 'sent', statusCode: 204 });
    expect(asked).toBe(1);
    expect(there.received[0]!.headers.host).toBe(`hooks.example.org:${there.port}`);
    const second = await post(addresses, `http://hooks.example.org:${there.port}/x`, '{}', {});
    expect(second).toMatchObject({ kind: 'failed', error: expect.stringContaining('private or reserved') as string });
    expect(there.received).toHaveLength(1);
  });

  it('is checked each time: an address that was private networks’ when it was registered may not be sent to later', async () => {
    const there = await receiver();
    expect(await post(new AllowedAddresses(false), there.url, '{}', {})).toMatchObject({ kind: 'failed' });
    expect(there.received).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    const [there, elsewhere] = [await receiver(), await receiver()];
    there.answer = (response) => response.writeHead(status, { Location: elsewhere.url }).end();
    expect(await post(new AllowedAddresses(true), there.url, '{}', {})).toMatchObject({ kind: 'failed', statusCode: status });
    expect(elsewhere.received).toEqual([]);
  });

  it('reads no more of an answer than it needs', async () => {
    const there = await receiver();
    let isCut = false;
    there.answer = (response) => {
      response.on('close', () => (isCut = true));
      response.writeHead(200);
      const more = (): void => {
        while (!isCut && response.write('x'.repeat(LARGEST_ANSWER)));
        if (!isCut) response.once('drain', more);
      };
      more();
    };
    expect(await post(new AllowedAddresses(true), there.url, '{}', {})).toEqual({ kind: 'sent', statusCode: 200 });
    while (!isCut) await new Promise((resolve) => setImmediate(resolve));
  });

  it('ends at its time limit, and what it says then does not hold the address', async () => {
    const there = await receiver();
    there.answer = () => undefined;
    const result = await post(new AllowedAddresses(true), there.url, '{}', {}, 50);
    expect(result).toEqual({ kind: 'failed', error: 'no answer within 0.05 s' });
    const refused = await post(new AllowedAddresses(true), 'http://127.0.0.1:1/s3cret', '{}', {});
    expect(refused).toEqual({ kind: 'failed', error: 'the connection failed (ECONNREFUSED)' });
  });
});
