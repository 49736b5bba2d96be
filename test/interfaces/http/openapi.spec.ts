import { readFile, writeFile } from 'node:fs/promises';
import { createOpenApiDocument } from '../../../src/interfaces/http/openapi/openapi-document.js';
import { send } from './support/requests.js';
import { createSilentApp, startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Record<string, unknown> }[];
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

describe('the OpenAPI document', () => {
  let http: ScriptedApp;
  let document: Document;
  beforeAll(async () => {
    // Nest's own body parsers beside ours must make no difference.
    http = await startScriptedApp({ bodyParser: true });
    document = (await send(`${http.url}/docs-json`)).body as unknown as Document;
  });
  afterAll(() => http.close());

  const operations = (): readonly (readonly [string, Operation])[] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    );

  it('is the one in docs/openapi.json', async () => {
    const file = new URL('../../../docs/openapi.json', import.meta.url);
    if (process.env['UPDATE_OPENAPI']) await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(document);
  });

  it('has every operation of the API', () => {
    expect(
      operations()
        .map(([name]) => name)
        .sort(),
    ).toEqual(
      [
        'GET /api/alerts',
        'GET /api/nodes',
        'POST /api/workflows/submit',
        'POST /api/workflows',
        'POST /api/notifications/channels',
        'GET /api/notifications/channels',
        'GET /api/notifications/channels/{id}',
        'DELETE /api/notifications/channels/{id}',
        'POST /api/notifications/channels/{id}/enable',
        'POST /api/notifications/channels/{id}/rotate-secret',
        'POST /api/notifications/channels/{id}/test',
        'GET /api/notifications/deliveries',
        'POST /api/notifications/deliveries/{id}/redeliver',
        'GET /api/workflows',
        'GET /api/workflows/{id}',
        'GET /api/workflows/{id}/timeline',
        'GET /api/workflows/{id}/stream',
        'POST /api/plans/simulate',
        'POST /api/workflows/{id}/cancel',
        'POST /api/workflows/{id}/pause',
        'POST /api/workflows/{id}/resume',
        'POST /api/workflows/{id}/give-up',
        'POST /api/workflows/{id}/compensate',
        'POST /api/workflows/{id}/fork',
        'POST /api/workflows/{id}/rerun',
        'POST /api/workflows/{id}/steps/{step_id}/retry',
        'POST /api/workflows/{id}/steps/{step_id}/skip',
        'POST /api/workflows/{id}/steps/{step_id}/complete',
        'GET /api/workflows/{id}/events',
        'GET /api/workflows/{id}/state',
        'GET /api/approvals/workflow/{id}',
        'GET /api/approvals',
        'GET /api/approvals/{id}',
        'POST /api/approvals/{id}/decision',
        'GET /api/dead-letters',
        'GET /api/pauses',
        'POST /api/pauses',
        'POST /api/schedules',
        'GET /api/schedules',
        'GET /api/schedules/{id}',
        'DELETE /api/schedules/{id}',
        'POST /api/schedules/{id}/pause',
        'POST /api/schedules/{id}/resume',
        'POST /api/schedules/{id}/trigger',
        'DELETE /api/pauses/{id}',
        'GET /api/parked',
        'POST /api/parked/{id}/replay',
        'POST /api/parked/{id}/drop',
        'POST /api/dead-letters/bulk',
        'GET /api/stream',
        'GET /api/tools',
        'GET /api/analytics/summary',
        'GET /api/analytics/tools',
        'GET /api/analytics/approvals',
        'GET /',
        'GET /health/live',
        'GET /health/ready',
        'GET /metrics',
      ].sort(),
    );
  });

  it('describes each: a summary, a tag, an answer with a schema, and problems', () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [name, { summary, tags, responses }] of operations()) {
      expect([name, summary.length > 0, tags.length]).toEqual([name, true, 1]);
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2') && status !== '204');
      expect([name, good.every(([, { content }]) => JSON.stringify(content).includes('schema'))]).toEqual([name, true]);
      if (name.includes('/api/')) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '500']));
    }
  });

  it('refers only to components that it has', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference!);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\//);
      expect(document.components.schemas).toHaveProperty(reference.slice('#/components/schemas/'.length));
    }
  });

  it('says what parameters are in the address', () => {
    const limit = document.paths['/api/workflows']!['get']!.parameters.find(({ name }) => name === 'limit');
    expect(limit).toMatchObject({ in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } });
  });

  it('is shown by Swagger UI, whose parts the page may load', async () => {
    const page = await send(`${http.url}/docs`);
    expect(page).toMatchObject({ status: 200 });
    expect(page.text).not.toMatch(/<script>/);
    for (const [, source] of page.text.matchAll(/<script src="([^"]+)"/g)) {
      expect(await send(new URL(source!, `${http.url}/docs`).href)).toMatchObject({ status: 200 });
    }
  });

  it('can be made by an application that neither listens nor is initialised', async () => {
    expect(createOpenApiDocument(await createSilentApp())).toEqual(document);
  });
});
