import { ForbiddenException, ImATeapotException } from '@nestjs/common';
import { ApplicationError, type ApplicationErrorCode } from '../../../src/application/application.errors.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { DomainError, type DomainErrorCode, type InputPart } from '../../../src/domain/workflow/workflow.errors.js';
import { MAX_BODY_BYTES, MAX_OUTPUT_BODY_BYTES, MAX_PLAN_BYTES } from '../../../src/interfaces/http/requests/json-body.middleware.js';
import { problemSchema } from '../../../src/interfaces/http/problems/problem.js';
import { exchange, send, type Answer } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

// Written out a second time on purpose: statuses are part of the API.
const DOMAIN: Record<DomainErrorCode, number> = {
  'intent.empty': 422,
  'intent.too-long': 422,
  'deadline.too-early': 422,
  'plan.empty': 422,
  'plan.too-large': 422,
  'plan.duplicate-key': 422,
  'plan.unknown-tool': 422,
  'plan.dangling-dependency': 422,
  'plan.cycle': 422,
  'plan.invalid-args': 422,
  'plan.invalid-reference': 422,
  'workflow.not-found': 404,
  'workflow.finished': 409,
  'workflow.not-due': 409,
  'workflow.not-finished': 409,
  'workflow.shadow': 409,
  'workflow.nothing-to-undo': 409,
  'workflow.not-planned': 409,
  'workflow.not-running': 409,
  'workflow.paused': 409,
  'workflow.stopping': 409,
  'step.not-found': 404,
  'step.not-ready': 409,
  'step.not-dead-lettered': 409,
  'step.invalid-args': 422,
  'step.invalid-output': 422,
  'step.unknown-tool': 409,
  'step.attempt-not-running': 409,
  'step.retry-not-due': 409,
  'parked-event.not-found': 404,
  'approval.not-found': 404,
  'approval.already-decided': 409,
  'approval.void': 409,
  'approval.stale-arguments': 409,
  'schedule.invalid-cron': 422,
  'schedule.never-comes': 422,
  'schedule.too-many': 409,
  'schedule.not-found': 404,
  'schedule.deleted': 409,
  'channel.not-found': 404,
  'channel.disabled': 409,
  'channel.no-secret': 409,
  'channel.configured': 409,
  'channel.too-many': 409,
  'delivery.not-found': 404,
  'delivery.in-digest': 409,
};
const APPLICATION: Record<ApplicationErrorCode, number> = {
  'idempotency-key.reused': 422,
  'read-model.behind': 503,
  'revision.not-found': 404,
  'parked-event.failed': 409,
  'channel.address-refused': 422,
  'channel.no-mail-server': 409,
  'pause.not-found': 404,
  'pause.unknown-tool': 422,
  'cursor.invalid': 400,
  'analytics.invalid-period': 400,
  'event-store.unavailable': 503,
  'database.unavailable': 503,
  'engine.outdated': 503,
  'engine.stopping': 503,
};

describe('problem documents', () => {
  let http: ScriptedApp;
  beforeAll(async () => {
    http = await startScriptedApp();
  });
  afterAll(() => http.close());
  beforeEach(() => {
    http.asked.length = 0;
    http.log.length = 0;
  });

  const failing = async (error: unknown): Promise<Answer> => {
    http.answer(() => {
      throw error;
    });
    return send(`${http.url}/api/workflows/7?min_position=1`);
  };

  const expectProblem = ({ status, headers, body }: Answer, code: string, expected: number): void => {
    expect([status, body['code'], body['status']]).toEqual([expected, code, expected]);
    expect(headers.get('content-type')).toBe('application/problem+json');
    problemSchema.strict().parse(body);
    expect(body['type']).toBe(`urn:lifeos:problem:${code}`);
  };

  it.each(Object.entries(DOMAIN))('answers a refusal with %s', async (code, status) => {
    const answer = await failing(new DomainError(code as DomainErrorCode, 'No.', ['step', 0, 'tool']));
    expectProblem(answer, code, status);
    expect(answer.body).toMatchObject({
      detail: 'No.',
      instance: '/api/workflows/7',
      errors: [{ field: '/plan/steps/0/tool', message: 'No.' }],
    });
    expect(http.log).toEqual([]);
  });

  it.each<[InputPart, string]>([
    [['intent'], '/intent'],
    [['argsHash'], '/args_hash'],
    [['steps'], '/plan/steps'],
    [['step', 3, 'dependsOn'], '/plan/steps/3/depends_on'],
    [['step', 3, 'args'], '/plan/steps/3/args'],
    [['step', 3, 'args', 'dependsOn', '0', 'a/b~c'], '/plan/steps/3/args/dependsOn/0/a~1b~0c'],
  ])('points to %j in the words of the API', async (part, field) => {
    const { body } = await failing(new DomainError('plan.invalid-reference', 'No.', part));
    expect(body['errors']).toEqual([{ field, message: 'No.' }]);
  });

  it.each(Object.entries(APPLICATION))('answers %s', async (code, status) => {
    const answer = await failing(new ApplicationError(code as ApplicationErrorCode, 'Not now.'));
    expectProblem(answer, code, status);
    expect(answer.body).not.toHaveProperty('errors');
    expect(answer.headers.has('retry-after')).toBe(status === 503);
    expect(http.log).toEqual([]);
  });

  it('asks to come back when the event store does not answer', async () => {
    const answer = await failing(new EventLogUnavailable('10.0.0.1:2113 refused'));
    expectProblem(answer, 'event-store.unavailable', 503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answer.text).not.toContain('10.0.0.1');
  });

  it.each([
    ['an error', new Error('password=hunter2')],
    ['a text', 'hunter2'],
    ['undefined', undefined],
    ['an HTTP error that nobody here throws', new ImATeapotException('hunter2')],
  ])('says nothing of an unexpected failure (%s), and logs it', async (_name, error) => {
    const answer = await failing(error);
    expectProblem(answer, 'internal', 500);
    expect(answer.text).not.toMatch(/hunter2|stack|\.ts/);
    expect(http.log).toEqual([{ level: 'error', message: 'GET /api/workflows/7 failed', cause: error }]);
  });

  it('titles problems in words', async () => {
    expect((await failing(new DomainError('approval.already-decided', 'x'))).body).toMatchObject({ title: 'Approval already decided' });
  });

  it.each([
    ['POST', '/', 405, 'route.method-not-allowed', 'GET, HEAD'],
    ['GET', '/api/nothing', 404, 'route.not-found', null],
    ['POST', '/api/workflows/1/stop', 404, 'route.not-found', null],
    ['DELETE', '/api/workflows', 405, 'route.method-not-allowed', 'GET, HEAD, POST'],
    ['PUT', '/api/workflows/1', 405, 'route.method-not-allowed', 'GET, HEAD'],
    ['GET', '/api/approvals/1/decision', 405, 'route.method-not-allowed', 'POST'],
    ['POST', '/api/tools?x=1', 405, 'route.method-not-allowed', 'GET, HEAD'],
    ['GET', '/api/workflows/%FF', 400, 'request.malformed', null],
  ])('%s %s answers %i %s', async (method, path, status, code, allow) => {
    const answer = await send(`${http.url}${path}`, { method });
    expectProblem(answer, code, status);
    expect(answer.headers.get('allow')).toBe(allow);
  });

  const decision = '/api/approvals/1/decision';

  it.each(['{', '', '{"a":1,}', 'decision=approve', '\ufeff{'])('refuses the JSON %j', async (raw) => {
    const answer = await send(`${http.url}${decision}`, { raw, headers: { 'Content-Type': 'application/json' } });
    if (raw === '') expectProblem(answer, 'request.invalid', 400);
    else expectProblem(answer, 'request.malformed-json', 400);
  });

  it('refuses JSON that is not UTF-8', async () => {
    const raw = Buffer.from([0x22, 0xff, 0x22]);
    expectProblem(
      await send(`${http.url}${decision}`, { raw, headers: { 'Content-Type': 'application/json' } }),
      'request.malformed-json',
      400,
    );
  });

  it.each([
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'application/json; charset=latin1' },
    { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
  ])('refuses a body of another type: %j', async (headers) => {
    expectProblem(await send(`${http.url}${decision}`, { raw: '{}', headers }), 'request.unsupported-media-type', 415);
  });

  it.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])('takes %s', async (type) => {
    expectProblem(await send(`${http.url}${decision}`, { raw: '{}', headers: { 'Content-Type': type } }), 'request.invalid', 400);
  });

  it.each([
    [decision, MAX_BODY_BYTES],
    ['/api/workflows/submit', MAX_BODY_BYTES],
    ['/api/workflows', MAX_PLAN_BYTES],
    ['/api/workflows/1/rerun', MAX_PLAN_BYTES],
    ['/api/plans/simulate', MAX_PLAN_BYTES],
    ['/api/workflows/1/steps/2/complete', MAX_OUTPUT_BODY_BYTES],
  ])('takes bodies of %s up to their limit', async (path, limit) => {
    const body = (length: number): string => JSON.stringify('x'.repeat(length - 2));
    const headers = { 'Content-Type': 'application/json' };
    expectProblem(await send(`${http.url}${path}`, { raw: body(limit), headers }), 'request.invalid', 400);
    expectProblem(await send(`${http.url}${path}`, { raw: body(limit + 1), headers }), 'request.too-large', 413);
  });

  it('counts bodies that do not say how long they are', async () => {
    const chunk = `${(1024).toString(16)}\r\n${'x'.repeat(1024)}\r\n`;
    const head = `POST ${decision} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await exchange(http.port, `${head}${chunk.repeat(65)}0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"request.too-large"');
  });

  it('refuses what is nested so deeply that nothing could handle it', async () => {
    const depth = 100_000;
    const raw = `{"user_id":1,"plan":{"steps":[{"key":"a","tool":"b","args":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}]}}`;
    const answer = await send(`${http.url}/api/workflows`, { raw, headers: { 'Content-Type': 'application/json' } });
    expectProblem(answer, 'request.invalid', 400);
    expect(answer.body['detail']).toContain('nested deeper than 64 levels');
  });

  it('refuses a member that could change what an object is', async () => {
    const raw = '{"user_id":1,"plan":{"steps":[{"key":"a","tool":"b","args":{"__proto__":{"polluted":true}}}]}}';
    const answer = await send(`${http.url}/api/workflows`, { raw, headers: { 'Content-Type': 'application/json' } });
    expectProblem(answer, 'request.invalid', 400);
    expect(answer.body).toMatchObject({ errors: [{ field: '/plan/steps/0/args' }] });
  });

  it('refuses numbers that JSON has and a program has not', async () => {
    const raw = '{"user_id":1,"plan":{"steps":[{"key":"a","tool":"b","args":{"n~/":1e999}}]}}';
    const answer = await send(`${http.url}/api/workflows`, { raw, headers: { 'Content-Type': 'application/json' } });
    expect(answer.body).toMatchObject({
      code: 'request.invalid',
      errors: [{ field: '/plan/steps/0/args/n~0~1', message: 'is a number out of range' }],
    });
  });

  it.each([
    ['a request line that is too long', `GET /${'x'.repeat(70_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431, 'request.header-too-large'],
    ['something else than HTTP', 'hello\r\n\r\n', 400, 'request.malformed'],
  ])('answers %s with a problem too', async (_name, request, status, code) => {
    const answer = await exchange(http.port, request);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toContain('Content-Type: application/problem+json');
    problemSchema.strict().parse(JSON.parse(body!));
    expect(JSON.parse(body!)).toMatchObject({ code, status });
  });

  it('refuses commands that a page of another origin sends', async () => {
    const url = `${http.url}/api/workflows/submit?user_id=1&intent=x`;
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example' }]) {
      const answer = await exchange(
        http.port,
        `POST ${new URL(url).pathname}?user_id=1&intent=x HTTP/1.1\r\nHost: 127.0.0.1:${http.port}\r\nConnection: close\r\n` +
          `${Object.entries(headers)
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join('')}\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
      expect(answer).toContain('"code":"request.cross-origin"');
    }
    expect(http.asked).toEqual([]);
    expectProblem(await failing(new ForbiddenException()), 'request.cross-origin', 403);
  });
});
