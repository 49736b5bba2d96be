import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import type { PlannerCode } from '../../../application/application.errors.js';
import { statusOf, type ProblemCode } from '../problems/problem-codes.js';
import { PROBLEM_MEDIA_TYPE, problemOf } from '../problems/problem.js';

/** Documents the answer of a request that went well, from the schema that the answer is made after. */
export const Answers = (status: number, description: string, schema: z.ZodType): MethodDecorator =>
  ApiResponse({ status, description, standardSchema: schema });

/** Documents which problems an operation answers with, grouped by status. */
export function AnswersProblems(...codes: readonly (ProblemCode | PlannerCode)[]): MethodDecorator {
  const byStatus = new Map<number, (ProblemCode | PlannerCode)[]>();
  for (const code of new Set<ProblemCode | PlannerCode>([...codes, 'request.cross-origin', 'request.unknown-host', 'internal'])) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return applyDecorators(
    ...[...byStatus].map(([status, ofStatus]) =>
      ApiResponse({
        status,
        description: ofStatus.map((code) => `\`${code}\``).join(', '),
        content: {
          [PROBLEM_MEDIA_TYPE]: {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(ofStatus.map((code) => [code, { value: problemOf(code, '…', '/api/…') }])),
          },
        },
      }),
    ),
  );
}

/** What every question can end with. */
export const READ_PROBLEMS = ['request.invalid', 'read-model.behind', 'database.unavailable'] as const satisfies readonly ProblemCode[];

/** What every question to the log can end with. */
export const LOG_PROBLEMS = ['request.invalid', 'event-store.unavailable'] as const satisfies readonly ProblemCode[];

/** For what a plan is refused. */
export const PLAN_PROBLEMS = [
  'plan.empty',
  'plan.too-large',
  'plan.duplicate-key',
  'plan.unknown-tool',
  'plan.dangling-dependency',
  'plan.cycle',
  'plan.invalid-args',
  'plan.invalid-reference',
] as const satisfies readonly ProblemCode[];

/** What every command with a body can end with. */
export const COMMAND_PROBLEMS = [
  'request.invalid',
  'request.malformed-json',
  'request.duplicate-member',
  'request.too-large',
  'request.unsupported-media-type',
  'request.cross-origin',
  'event-store.unavailable',
  'engine.stopping',
] as const satisfies readonly ProblemCode[];
