import { z } from 'zod';
import type { PlannerCode } from '../../../application/application.errors.js';
import { statusOf, type ProblemCode } from './problem-codes.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** One part of a request that is wrong. */
export const fieldErrorSchema = z.object({
  field: z.string().meta({
    description:
      'JSON Pointer (RFC 6901) into the body or the parameters, or the name of a header. The empty pointer stands for the body as a whole.',
    example: '/plan/steps/0/tool',
  }),
  message: z.string().meta({ example: 'is required' }),
});

/** A problem document (RFC 9457). */
export const problemSchema = z
  .object({
    type: z
      .string()
      .meta({ description: 'Identifies the kind of problem; not an address.', example: 'urn:lifeos:problem:workflow.not-found' }),
    title: z.string().meta({ example: 'Workflow not found' }),
    status: z.number().int().meta({ example: 404 }),
    detail: z.string().meta({ example: 'There is no workflow 7.' }),
    instance: z
      .exactOptional(z.string())
      .meta({ description: 'Path of the request; absent where the request could not be read that far.', example: '/api/workflows/7' }),
    code: z.string().meta({ description: 'Stable word for programs.', example: 'workflow.not-found' }),
    errors: z.exactOptional(z.array(fieldErrorSchema)).meta({ description: 'The parts of the request that are wrong.' }),
  })
  .meta({ id: 'Problem' });

export type FieldError = z.infer<typeof fieldErrorSchema>;
export type Problem = z.infer<typeof problemSchema>;

/** `approval.already-decided` reads "Approval already decided". */
const titleOf = (code: string): string => {
  const words = code.replace(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** @param path of the request, without its query: that may hold what people wrote */
export function problemOf(
  code: ProblemCode | PlannerCode,
  detail: string,
  path: string | undefined,
  errors: readonly FieldError[] = [],
): Problem {
  return {
    type: `urn:lifeos:problem:${code}`,
    title: titleOf(code),
    status: statusOf(code),
    detail,
    ...(path === undefined ? {} : { instance: path }),
    code,
    ...(errors.length === 0 ? {} : { errors: [...errors] }),
  };
}

/** The path of a request target, without query and fragment. */
export const pathOf = (target: string | undefined): string => (target ?? '/').split(/[?#]/, 1)[0] || '/';
