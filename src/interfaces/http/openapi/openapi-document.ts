import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { problemSchema } from '../problems/problem.js';
import { zodSchemaConverter } from './zod-schema.converter.js';

/** Groups of operations. */
export const TAGS = {
  workflows: 'workflows',
  history: 'history',
  schedules: 'schedules',
  approvals: 'approvals',
  deadLetters: 'dead letters',
  notifications: 'notifications',
  tools: 'tools',
  analytics: 'analytics',
  operations: 'operations',
} as const;

const DESCRIPTION = `State an intent; the engine plans it as a graph of tool steps, runs them in parallel and stops at the risky ones until a person has approved exactly that.

- A \`position\` in the answer to a command can be given as \`min_position\` to any read, which then sees what was written.
- Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\`.
- Parameters and members that are not documented are refused.
- A request with \`Retry-After\` in its answer is worth repeating; a submission is safe to repeat with the same \`Idempotency-Key\`.`;

const configuration = () =>
  new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Life OS Workflow Engine')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addTag(TAGS.workflows, 'Submit, watch and cancel runs')
    .addTag(TAGS.history, 'What happened in a run, and how it was at any moment')
    .addTag(TAGS.schedules, 'Submit again and again, at set times')
    .addTag(TAGS.approvals, 'Decide about risky steps')
    .addTag(TAGS.deadLetters, 'Steps that used up their attempts')
    .addTag(TAGS.notifications, 'Who is told of what, and what became of it')
    .addTag(TAGS.tools, 'What steps can call')
    .addTag(TAGS.analytics, 'Figures by period')
    .addTag(TAGS.operations, 'Health and metrics')
    .build();

/** The API's OpenAPI document. The application need not listen, nor be initialised. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const { components } = zodSchemaConverter(problemSchema, { schemaType: 'output' }) ?? {};
  return SwaggerModule.createDocument(
    app,
    { ...configuration(), components: { schemas: { ...components } } },
    { standardSchemaConverter: zodSchemaConverter, operationIdFactory: (_controller, method) => method },
  );
}
