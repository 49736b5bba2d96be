import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';
import type { RequestErrorCode } from './problem-codes.js';

/** What Node's HTTP parser refuses, by the error's code. */
const REFUSED_BY_NODE: Readonly<Record<string, readonly [RequestErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['request.header-too-large', 'The request line and headers are too long: send long values in the body.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['request.too-large', 'The chunk extensions are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request.timeout', 'The request did not arrive in time.'],
};
const MALFORMED = ['request.malformed', 'This is not an HTTP request.'] as const;

/** The response that Node is writing to a socket, if there is one; Node's own handler asks the same way. */
type HttpSocket = Duplex & { readonly _httpMessage?: ServerResponse | null };

/** Answers requests that never become one (too long headers, broken syntax, too slow) with a problem document instead of Node's bare status line. */
export function answerConnectionProblems(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: HttpSocket) => {
    if (!socket.writable || socket._httpMessage?.headersSent) {
      socket.destroy();
      return;
    }
    const [code, detail] = REFUSED_BY_NODE[error.code ?? ''] ?? MALFORMED;
    const problem = problemOf(code, detail, undefined);
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'X-Content-Type-Options: nosniff',
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
