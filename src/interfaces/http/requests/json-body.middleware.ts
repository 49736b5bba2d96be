import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf, type FieldError } from '../problems/problem.js';
import { RequestRefused } from '../problems/request-refused.js';
import { duplicateMember } from './duplicate-members.js';
import { jsonProblem } from './json-text.js';

/** Largest body, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;
/** Largest body of `POST /api/workflows`, of a simulation and of a rerun, in bytes: a plan may have 10,000 steps. */
export const MAX_PLAN_BYTES = 4 * 1024 * 1024;

/** Largest body that gives an output in a tool's place, in bytes: an output may have 256 KiB, and its text may be escaped. */
export const MAX_OUTPUT_BODY_BYTES = 1024 * 1024;

const LARGER: readonly (readonly [path: RegExp, limit: number])[] = [
  [/^\/api\/workflows\/?$/i, MAX_PLAN_BYTES],
  [/^\/api\/plans\/simulate\/?$/i, MAX_PLAN_BYTES],
  [/^\/api\/workflows\/\d+\/rerun\/?$/i, MAX_PLAN_BYTES],
  [/^\/api\/workflows\/\d+\/steps\/\d+\/complete\/?$/i, MAX_OUTPUT_BODY_BYTES],
];

function limitOf(request: IncomingMessage): number {
  const path = request.method === 'POST' ? pathOf(request.url) : '';
  return LARGER.find(([pattern]) => pattern.test(path))?.[1] ?? MAX_BODY_BYTES;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const tooLarge = (limit: number): RequestRefused =>
  new RequestRefused('request.too-large', `The body is too large: at most ${limit} bytes are possible here.`);

function checkType({ headers }: IncomingMessage): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1])
    .find((found) => found !== undefined);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (type.trim() === 'application/json' && (charset ?? 'utf-8') === 'utf-8' && encoding.toLowerCase() === 'identity') return;
  throw new RequestRefused(
    'request.unsupported-media-type',
    'A body must be JSON in UTF-8, uncompressed: send it with "Content-Type: application/json".',
  );
}

/** Keeps at most `limit` bytes. What comes after them is left to Node, which reads it off when the answer is out. */
function read(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (act: () => void): void => {
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      act();
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limit) settle(() => reject(tooLarge(limit)));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks)));
    const onBroken = (): void => settle(() => reject(new RequestRefused('request.malformed', 'The body broke off.')));
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}

interface Parsed {
  readonly text: string;
  readonly value: unknown;
}

function parse(bytes: Buffer): Parsed {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { text, value: JSON.parse(text) as unknown };
  } catch (error) {
    // A SyntaxError quotes the text around the mistake, which is the caller's own.
    const reason = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    throw new RequestRefused('request.malformed-json', `The body is not JSON: ${reason}.`);
  }
}

/** @throws RequestRefused request.invalid, request.duplicate-member */
function checkJson({ text, value }: Parsed): void {
  const refuse = (code: 'request.invalid' | 'request.duplicate-member', problem: FieldError): never => {
    throw new RequestRefused(code, `The body${problem.field && ` at ${problem.field}`} ${problem.message}.`, [problem]);
  };
  const problem = jsonProblem(value);
  if (problem) refuse('request.invalid', problem);
  const duplicate = duplicateMember(text);
  if (duplicate) refuse('request.duplicate-member', duplicate);
}

/**
 * Reads JSON bodies into `request.body` (undefined where there is none), with what no handler could take refused at once.
 * @throws RequestRefused request.too-large, request.unsupported-media-type, request.malformed-json, request.duplicate-member,
 * request.invalid
 */
export async function readJsonBody(
  request: IncomingMessage & { body?: unknown },
  _response: ServerResponse,
  next: () => void,
): Promise<void> {
  request.body = undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD' && hasBody(request)) {
    const limit = limitOf(request);
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
    checkType(request);
    const bytes = await read(request, limit);
    if (bytes.length > 0) {
      const parsed = parse(bytes);
      checkJson(parsed);
      request.body = parsed.value;
    }
  }
  next();
}
