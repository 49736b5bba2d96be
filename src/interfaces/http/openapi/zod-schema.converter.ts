import type { StandardSchemaConverter } from '@nestjs/swagger';
import { z } from 'zod';

type JsonSchema = Record<string, unknown>;

/** Leaves out what zod adds for validators and only hides from people what a member is. */
function readable(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format === 'date-time') delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  // The default of a parameter is text, as it would be in the address.
  if (schema.type === 'integer' && typeof schema.default === 'string') schema.default = Number(schema.default);
}

/** Turns the schemas that requests are checked with, and answers are made after, into the document's; those with an id become components. */
export const zodSchemaConverter: StandardSchemaConverter = (schema, { schemaType }) => {
  if (!(schema instanceof z.ZodType)) return undefined;
  const converted = z.toJSONSchema(schema, {
    io: schemaType,
    // What JSON Schema cannot say (any object, a number in digits) says the metadata.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => readable(jsonSchema),
  });
  const { $schema: _dialect, $defs, ...own } = converted as JsonSchema;
  return { schema: own, components: ($defs ?? {}) as JsonSchema };
};
