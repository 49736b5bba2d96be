import { readFile } from 'node:fs/promises';
import path from 'node:path';
import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from 'openapi-typescript';

const ROOT = path.resolve(import.meta.dirname, '../..');

it("the console's types are those of the API's document (npm run api-types -w packages/console)", async () => {
  const document = JSON.parse(await readFile(path.join(ROOT, 'docs/openapi.json'), 'utf8')) as OpenAPI3;
  const kept = await readFile(path.join(ROOT, 'packages/console/src/api/schema.ts'), 'utf8');
  const isCurrent = kept === `${COMMENT_HEADER}${astToString(await openapiTS(document))}`;
  expect(isCurrent).toBe(true);
});
