import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly example?: unknown;
  readonly schema: { readonly example?: unknown; readonly default?: unknown };
}
interface Body {
  readonly content: { readonly 'application/json': { readonly schema: { readonly $ref?: string; readonly example?: unknown } } };
}
interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Body;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, { readonly example?: unknown }> };
}

const AT = '2026-02-14T10:30:01.000Z';
const ANSWER = {
  steps: [],
  planner: 'rule-based',
  workflowId: 1,
  state: 'PLANNING',
  intent: 'x',
  position: 1n,
  status: 'approved',
  decidedBy: 10,
  decidedAt: AT,
};

describe('what Swagger UI fills in', () => {
  let http: ScriptedApp;
  let document: Document;
  beforeAll(async () => {
    http = await startScriptedApp();
    document = (await send(`${http.url}/docs-json`)).body as unknown as Document;
  });
  afterAll(() => http.close());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
    );

  it('for a parameter that may be left out is nothing but its default', () => {
    const prefilled = operations().flatMap(({ path, parameters }) =>
      parameters
        .filter(({ required, example, schema }) => !required && (example !== undefined || schema.example !== undefined))
        .map(({ name }) => `${path} ${name}`),
    );
    expect(prefilled).toEqual([]);
  });

  it.each([
    ['/api/workflows/submit', 201],
    ['/api/workflows', 201],
    ['/api/plans/simulate', 200],
    ['/api/approvals/{id}/decision', 200],
  ])('at POST %s succeeds as it stands', async (path, status) => {
    const { parameters, requestBody } = document.paths[path]!['post']!;
    const { schema } = requestBody!.content['application/json'];
    const { example } = schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!;
    expect(example).toBeDefined();
    const query = new URLSearchParams();
    for (const parameter of parameters.filter((one) => one.in === 'query')) {
      const value = parameter.example ?? parameter.schema.example ?? parameter.schema.default;
      if (value !== undefined) query.set(parameter.name, JSON.stringify(value));
    }
    http.answer(() => ANSWER);
    // The body as somebody changes it, too: no prefilled parameter contradicts it.
    for (const json of path.endsWith('submit') ? [example, { user_id: 2, intent: 'call anna' }] : [example]) {
      expect(await send(`${http.url}${path.replace('{id}', '1')}?${query.toString()}`, { json })).toMatchObject({ status });
    }
  });
});
