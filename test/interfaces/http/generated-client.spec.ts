import path from 'node:path';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { createOpenApiDocument } from '../../../src/interfaces/http/openapi/openapi-document.js';
import { createSilentApp } from './support/scripted-app.js';

/** Where the compiler believes the files to be: it looks only into folders that exist. */
const FOLDER = import.meta.dirname;

/** A program as somebody would write it over the generated types; `fetch` and JSON are all it needs. */
const PROGRAM = `
import type { components, operations } from './api.js';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Answer<Name extends keyof operations> = Json<operations[Name]['responses'][keyof operations[Name]['responses'] & (200 | 201)]>;
type Body<Name extends keyof operations> = Json<NonNullable<operations[Name]['requestBody']>>;
type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;
declare function call<Name extends keyof operations>(name: Name, request: { query?: Query<Name>; body?: Body<Name>; id?: number }): Promise<Answer<Name>>;

export async function use(): Promise<unknown[]> {
  const body = await call('submitIntent', { body: { user_id: 1, intent: 'create a grocery list' } });
  await call('submitIntent', { query: { user_id: 1, intent: 'create a grocery list' } });
  await call('submitIntent', { query: { user_id: 1 }, body: { intent: 'create a grocery list', require_approval_from: 'L2' } });
  const noBody: operations['submitIntent']['requestBody'] = undefined;
  const steps: components['schemas']['PlanStep'][] = [
    { key: 'a', tool: 'job_search', args: { query: 'data', nested: { of: [1, null] } } },
    { key: 'b', tool: 'note', depends_on: ['a'] },
  ];
  await call('submitPlan', { body: { user_id: 1, plan: { steps } } });

  const run = await call('getWorkflow', { id: body.workflow_id, query: { min_position: body.position } });
  const query: unknown = run.steps[0]?.args.query;
  const output: unknown = run.steps[0]?.output;
  const jobs = typeof output === 'object' && output !== null && 'jobs' in output ? output.jobs : undefined;
  const finished: string | undefined = run.finished_at?.slice(0, 10);
  const code: string | undefined = run.steps[0]?.error?.code;

  const page = await call('listApprovals', { query: { status: 'required' } });
  await call('listApprovals', {});
  const cursor: string | null = page.next_cursor;
  const [approval] = page.items;
  if (approval) {
    const decided = await call('decideApproval', { id: approval.approval_id, body: { decision: 'approve', decided_by: 10, args_hash: approval.args_hash } });
    const reason: string | null = decided.already_decided ? decided.reason : null;
    return [reason, approval.args['job'], approval.user_id.toFixed(), approval.intent.length];
  }

  const { events } = await call('getEvents', { id: 1 });
  const timeline = await call('getTimeline', { id: 1 });
  const tools = await call('listTools', {});
  const letters = await call('listDeadLetters', {});
  return [noBody, query, jobs, finished, code, cursor, events[0]?.data['stepId'], events[0]?.metadata['actor'], timeline.events[0]?.data['attempt'],
    tools[0]?.input_schema['properties'], letters.items[0]?.args['to']];
}

// What a client must not be able to write.
// @ts-expect-error a decision is one of two words
export const perhaps: Body<'decideApproval'> = { decision: 'perhaps', decided_by: 1 };
// @ts-expect-error it says who decides
export const nobody: Body<'decideApproval'> = { decision: 'approve' };
export const late = (run: Answer<'getWorkflow'>): string =>
  // @ts-expect-error a run may not have finished
  run.finished_at;
`;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  skipLibCheck: true,
};

/** What the compiler finds wrong in files that exist only here. */
function complaints(files: Readonly<Record<string, string>>): string[] {
  const virtual = new Map(Object.entries(files).map(([name, text]) => [path.join(FOLDER, name), text]));
  const host = ts.createCompilerHost(OPTIONS);
  host.fileExists = (name) => virtual.has(name) || ts.sys.fileExists(name);
  host.readFile = (name) => virtual.get(name) ?? ts.sys.readFile(name);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target, ...rest) =>
    virtual.has(name) ? ts.createSourceFile(name, virtual.get(name)!, target) : getSourceFile(name, target, ...rest);
  const program = ts.createProgram([...virtual.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file ? path.basename(file.fileName) : ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

describe("a TypeScript client generated from the API's document", () => {
  const typesOf = async (document: unknown): Promise<string> => astToString(await openapiTS(document as OpenAPI3));

  it('compiles in strict mode and knows what each answer holds', async () => {
    const api = await typesOf(createOpenApiDocument(await createSilentApp()));
    expect(complaints({ 'api.ts': api, 'program.ts': PROGRAM })).toEqual([]);
  });

  it('would not compile if the document said of arguments only that they are an object', async () => {
    const closed = JSON.stringify(createOpenApiDocument(await createSilentApp())).replaceAll(
      '"additionalProperties":true',
      '"nullable":false',
    );
    const found = complaints({ 'api.ts': await typesOf(JSON.parse(closed)), 'program.ts': PROGRAM });
    expect(found).toContainEqual(expect.stringMatching(/^program\.ts:\d+ .*never/));
  });
});
