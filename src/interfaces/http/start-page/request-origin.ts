import type { IncomingMessage } from 'node:http';

/** A host name, an IPv4 address or an IPv6 address in brackets, and perhaps a port (RFC 9110, section 7.2): nothing that means something in HTML or in a shell. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The address that a request came to, as its sender knows it (a proxy that takes TLS off says so); as the socket knows it where the Host header is none. */
export function originOf({ headers, socket }: IncomingMessage): string {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  if (headers.host !== undefined && HOST.test(headers.host)) return `${scheme}://${headers.host}`;
  const { localAddress = '127.0.0.1', localPort = 80 } = socket;
  return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}
