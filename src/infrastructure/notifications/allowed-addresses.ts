import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AddressRefused } from '../../application/ports/notifications.js';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Every address of a name. */
export type Resolve = (name: string) => Promise<readonly ResolvedAddress[]>;

export const resolveBySystem: Resolve = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));

/** What `ipaddr.js` calls addresses within somebody's own network. */
const PRIVATE_RANGES: readonly string[] = ['private', 'uniqueLocal', 'loopback', 'carrierGradeNat'];

/** Where clouds tell machines their secrets, outside the link-local range: never what a person means. */
const METADATA_ADDRESSES: readonly string[] = ['fd00:ec2::254', '100.100.100.200'];

/** An IPv4 address that is written as IPv6 counts as what it is. */
const rangeOf = (address: string): string => ipaddr.process(address).range();

const isLoopback = (address: string): boolean => rangeOf(address) === 'loopback';

/** Whether messages may be sent there. Link-local, multicast, tunnelled and reserved addresses never are what a receiver has. */
export function isAllowed(address: string, privateNetworks: boolean): boolean {
  if (METADATA_ADDRESSES.includes(ipaddr.process(address).toString())) return false;
  const range = rangeOf(address);
  return range === 'unicast' || (privateNetworks && PRIVATE_RANGES.includes(range));
}

/** The host of a URL as the resolver takes it. */
const hostOf = ({ hostname }: URL): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);

export interface Target {
  readonly url: URL;
  /** The one to connect to: it is not asked for again. */
  readonly pinned: ResolvedAddress;
}

/** Decides where messages may go: by what names resolve to, each time anew. */
export class AllowedAddresses {
  constructor(
    private readonly privateNetworks: boolean,
    private readonly resolve: Resolve = resolveBySystem,
  ) {}

  /** @throws AddressRefused, in words without the address */
  parse(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
      throw new AddressRefused('The url must be a web address, beginning with https://.');
    if (url.username !== '' || url.password !== '') throw new AddressRefused('The url must not have a user name or password in it.');
    return url;
  }

  /**
   * Resolves the host and chooses an address of it. One that may not be sent to refuses them all: whoever answers with it is not to be trusted with the others.
   * @throws AddressRefused; Error where the name cannot be resolved
   */
  async target(url: URL): Promise<Target> {
    const host = hostOf(url);
    const family = isIP(host);
    const addresses = family === 0 ? await this.resolve(host) : [{ address: host, family: family === 6 ? 6 : 4 } as const];
    const [pinned] = addresses;
    if (!pinned) throw new Error('the host has no address');
    if (!addresses.every(({ address }) => isIP(address) !== 0 && isAllowed(address, this.privateNetworks)))
      throw new AddressRefused(
        'The url leads into a private or reserved network, which nothing is sent to (LIFEOS_NOTIFY_PRIVATE_NETWORKS).',
      );
    if (url.protocol !== 'https:' && !addresses.every(({ address }) => isLoopback(address)))
      throw new AddressRefused('The url must begin with https://: what is sent can be read on its way otherwise.');
    return { url, pinned };
  }

  /** As far as it can be told now: a name that does not resolve may later. @throws AddressRefused */
  async check(text: string): Promise<URL> {
    const url = this.parse(text);
    try {
      await this.target(url);
    } catch (error) {
      if (error instanceof AddressRefused) throw error;
      if (url.protocol !== 'https:') throw new AddressRefused('The url must begin with https://.');
    }
    return url;
  }
}
