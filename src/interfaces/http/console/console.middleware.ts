import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ConsoleFile, ConsoleFiles } from './console-files.js';

/** What the console may load and do: its own files and the API, nothing inline, nothing from elsewhere. */
export const CONSOLE_POLICY = [
  "default-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** The addresses of its pages; each is answered with the one page, which shows what belongs there. */
const PAGES = /^\/(?:|approvals\/\d+|attention|runs|runs\/\d+|new|insights|schedules|tools|status)$/;

const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The part of an Express request that negotiates. */
type Negotiable = IncomingMessage & { accepts(types: string[]): string | false; acceptsEncodings(...encodings: string[]): string | false };

const compress = promisify(gzip);

/** Whether a browser asks for a page: a program that takes anything, or JSON, keeps getting what it got. */
const wantsPage = (request: Negotiable): boolean =>
  request.headers.accept?.includes('text/html') === true && request.accepts(['html', 'json']) === 'html';

/**
 * Serves the console to browsers; every other request goes on. It stands before the API and needs nothing of the engine, so that its page is there even while
 * the event store is not.
 */
export function serveConsole({
  page,
  assets,
}: ConsoleFiles): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  const compressed = new Map<ConsoleFile, Promise<Buffer>>();
  const compressedOf = (file: ConsoleFile): Promise<Buffer> => {
    const known = compressed.get(file) ?? compress(file.body);
    compressed.set(file, known);
    return known;
  };

  const send = async (request: Negotiable, response: ServerResponse, file: ConsoleFile, caching: string): Promise<void> => {
    const isCompressed = file.type !== 'image/png' && request.acceptsEncodings('gzip', 'identity') === 'gzip';
    const body = isCompressed ? await compressedOf(file) : file.body;
    response.setHeader('Content-Security-Policy', CONSOLE_POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': body.length,
      'Cache-Control': caching,
      Vary: file === page ? 'Accept, Accept-Encoding' : 'Accept-Encoding',
      ...(isCompressed && { 'Content-Encoding': 'gzip' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };

  return (request, response, next) => {
    const { method, url = '/' } = request;
    if (method !== 'GET' && method !== 'HEAD') return next();
    const path = url.split('?', 1)[0]!;
    const asset = assets.get(path);
    if (asset) return void send(request as Negotiable, response, asset, IMMUTABLE);
    if (!PAGES.test(path) || !wantsPage(request as Negotiable)) return next();
    return void send(request as Negotiable, response, page, 'no-cache');
  };
}
