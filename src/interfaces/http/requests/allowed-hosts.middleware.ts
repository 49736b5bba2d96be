import type { IncomingMessage, ServerResponse } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { RequestRefused } from '../problems/request-refused.js';

/** Under which names the API may be spoken to. */
export interface AllowedHosts {
  /** What the server listens on: a name or an address. */
  readonly host: string;
  /** Where else it is reached, behind a proxy: origins as a browser writes them (`https://lifeos.example.org`). */
  readonly publicOrigins: readonly string[];
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
const ANY = new BlockList();
ANY.addAddress('0.0.0.0', 'ipv4');
ANY.addAddress('::', 'ipv6');

const isIn = (list: BlockList, address: string): boolean => {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

interface Authority {
  /** Lower-case, without brackets, without a final dot. */
  readonly name: string;
  /** As in the URL of a page, without a default port. */
  readonly host: string;
}

/** What a Host header names, in the form that a browser gives it; undefined where it is none (RFC 9112, section 3.2). */
function authorityOf(header: string, scheme = 'http:'): Authority | undefined {
  if (!/^[^\s/?#@\\]+$/.test(header) || !URL.canParse(`${scheme}//${header}`)) return undefined;
  const { hostname, host } = new URL(`${scheme}//${header}`);
  return { name: hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, ''), host };
}

/** `::ffff:127.0.0.1` is how a socket that takes both families writes 127.0.0.1. */
const plain = (address: string | undefined): string | undefined => address?.replace(/^::ffff:(?=\d+\.)/, '');

/**
 * Lets only requests in that were meant for this server, from pages of its own. A page elsewhere can have its own name resolve to our address (DNS rebinding): to the browser
 * it is then of one origin with us, so nothing but the name tells.
 */
export function checkHost({
  host,
  publicOrigins,
}: AllowedHosts): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  const bound = authorityOf(isIP(host) === 6 ? `[${host}]` : host)?.name;
  const takesAnyAddress = isIn(ANY, host);
  const origins = new Set(publicOrigins);
  const names = new Set(publicOrigins.map((origin) => authorityOf(new URL(origin).host)?.name));

  const isAllowed = (name: string, request: IncomingMessage): boolean => {
    if (name === 'localhost' || name.endsWith('.localhost') || isIn(LOOPBACK, name) || name === bound || names.has(name)) return true;
    // An address cannot be rebound.
    return isIP(name) !== 0 && (takesAnyAddress || name === plain(request.socket.localAddress));
  };

  return (request, _response, next) => {
    const given = request.headersDistinct['host'] ?? [];
    const [header = ''] = given;
    const authority = given.length === 1 ? authorityOf(header) : undefined;
    if (!authority) throw new RequestRefused('request.malformed', 'A request needs one Host header, with a host name or an address.');
    if (!isAllowed(authority.name, request)) {
      throw new RequestRefused(
        'request.unknown-host',
        `This server is not reached as "${authority.name}": an operator can allow it with LIFEOS_PUBLIC_ORIGIN.`,
      );
    }
    const { origin } = request.headers;
    if (origin !== undefined && !origins.has(origin) && !isOwn(origin, header)) {
      throw new RequestRefused(
        'request.cross-origin',
        'A page of another origin must not send this request: an operator can allow its origin with LIFEOS_PUBLIC_ORIGIN.',
      );
    }
    next();
  };
}

/** Whether a page of the origin was loaded from the host that it now asks. A proxy may have taken TLS off, so the scheme does not count. */
function isOwn(origin: string, header: string): boolean {
  const found = /^(https?:)\/\/(.+)$/.exec(origin);
  return found !== null && authorityOf(found[2]!, found[1])?.host === authorityOf(header, found[1])?.host;
}
