import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import type { FieldError } from '../problems/problem.js';
import { RequestRefused } from '../problems/request-refused.js';
import { pointerTo, textProblem } from './json-text.js';
import { messageOf } from './validation-messages.js';

/** A plan of 10,000 steps can have as many mistakes; nobody reads them all. */
const MAX_ERRORS = 20;

const WHERE: Record<ArgumentMetadata['type'], string> = { body: 'body', query: 'query', param: 'path', custom: 'request' };

function fieldErrors(issue: z.core.$ZodIssue): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: pointerTo([...issue.path, key]), message: 'is not known here' }));
  }
  return [{ field: pointerTo(issue.path), message: issue.message }];
}

const sentence = ({ field, message }: FieldError): string => (field === '' ? `it ${message}` : `${field} ${message}`);

/** One mistake may break two rules that say the same. */
const distinct = (errors: readonly FieldError[]): readonly FieldError[] =>
  errors.filter(({ field, message }, index) => errors.findIndex((other) => other.field === field && other.message === message) === index);

function* unstorableParameters(parameters: unknown): Generator<FieldError> {
  for (const [key, value] of Object.entries(parameters ?? {})) {
    const problem = typeof value === 'string' ? textProblem(value) : undefined;
    if (problem !== undefined) yield { field: pointerTo([key]), message: problem };
  }
}

/** Checks bodies, queries and path parameters against the zod schema that their decorator names (`@Body({ schema })`), and hands on what it makes of them. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  /** @throws RequestRefused request.invalid, naming the fields */
  transform(value: unknown, { schema, type }: ArgumentMetadata): unknown {
    if (!(schema instanceof z.ZodType)) return value;
    const parsed = schema.safeParse(value, { error: messageOf });
    // Bodies were looked through when they were read.
    const unstorable = type === 'body' ? [] : [...unstorableParameters(value)];
    if (parsed.success && unstorable.length === 0) return parsed.data;
    const found = [...unstorable, ...(parsed.error?.issues ?? []).flatMap(fieldErrors)];
    // Only so many are told: those alone are compared.
    const errors = [...distinct(found.slice(0, MAX_ERRORS)), ...found.slice(MAX_ERRORS)];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    throw new RequestRefused(
      'request.invalid',
      `The ${WHERE[type]} is not valid: ${sentence(errors[0]!)}${more}.`,
      errors.slice(0, MAX_ERRORS),
    );
  }
}
