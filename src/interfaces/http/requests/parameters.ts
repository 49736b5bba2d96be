import { z } from 'zod';
import type { JsonObject } from '../../../domain/json.js';
import { APPROVAL_THRESHOLDS } from '../../../domain/risk/approval-policy.js';
import { FAILURE_POLICIES, PRIORITIES } from '../../../domain/workflow/lifecycle.js';
import { isTimeZone } from '../../../domain/time-zone.js';

/** Text of one path or query parameter. */
const text = (description: string) =>
  z.string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be given once') }).meta({ description });

/** A whole number in decimal digits, without sign and leading zeros. */
const wholeNumber = (description: string, { from, to }: { readonly from: number; readonly to: number }) =>
  text(description)
    .transform((digits, context) => {
      const value = /^(0|[1-9]\d{0,15})$/.test(digits) ? Number(digits) : NaN;
      if (value >= from && value <= to) return value;
      context.addIssue({ code: 'custom', message: `must be a whole number from ${from} to ${to}` });
      return z.NEVER;
    })
    .meta({ type: 'integer', minimum: from, maximum: to, description });

/** An id in a path or query. */
export const idParameter = (description: string) => wholeNumber(description, { from: 1, to: Number.MAX_SAFE_INTEGER });

export const revisionParameter = (description: string) => wholeNumber(description, { from: 0, to: Number.MAX_SAFE_INTEGER });

/** How many items an answer holds at most. */
export const limitParameter = ({ standard, highest }: { readonly standard: number; readonly highest: number }) =>
  wholeNumber('Most items in the answer.', { from: 1, to: highest })
    .prefault(String(standard))
    .meta({ type: 'integer', minimum: 1, maximum: highest, default: standard, description: 'Most items in the answer.' });

/** Log positions are 64-bit: too large for a JSON number. */
const LARGEST_POSITION = 2n ** 63n - 1n;
const positionParameter = text('Wait (bounded) until the read models hold everything up to this `position`, as a command answered it.')
  .transform((digits, context) => {
    const position = /^(0|[1-9]\d{0,18})$/.test(digits) ? BigInt(digits) : undefined;
    if (position !== undefined && position <= LARGEST_POSITION) return position;
    context.addIssue({ code: 'custom', message: 'must be a position that a command answered with' });
    return z.NEVER;
  })
  .meta({
    type: 'string',
    description: 'Wait (bounded) until the read models hold everything up to this `position`, as a command answered it.',
  });

/**
 * A time with its offset. A "+" in a query stands for a space unless it is percent-encoded (application/x-www-form-urlencoded), so one space where the offset's
 * sign belongs was a "+": no other reading of it is a time.
 */
export const timeParameter = (description: string) =>
  text(description)
    .transform((time) => time.replace(/ (?=\d\d:\d\d$)/, '+'))
    .pipe(
      z.iso.datetime({
        offset: true,
        error:
          'must be a time in ISO 8601 with an offset, such as 2026-02-14T10:30:00Z or 2026-02-14T11:30:00%2B01:00 (a "+" in a query is %2B)',
      }),
    )
    .meta({ type: 'string', format: 'date-time', description });

/** A time with its offset, in a body. */
export const timeMember = (description: string) =>
  z.iso
    .datetime({ offset: true, error: 'must be a time in ISO 8601 with an offset, such as 2026-02-14T10:30:00Z' })
    .meta({ type: 'string', format: 'date-time', description });

/** The parameters of a question, with those that every question takes. Others are refused, so that a misspelt filter does not select everything. */
export const question = <T extends z.core.$ZodShape>(shape: T) =>
  z.strictObject({ min_position: z.exactOptional(positionParameter), ...shape });

/** A question that takes nothing else. */
export const plainQuestion = question({});

export const cursorParameter = text('Where the page starts: the `next_cursor` of the page before.').max(1_000);

/** The path of one run. */
export const workflowPath = z.strictObject({ id: idParameter('Id of the workflow.') });

export const approvalThreshold = z
  .enum(APPROVAL_THRESHOLDS)
  .meta({ description: 'Risk level from which steps wait for a person. Tightens the configured level, never loosens it.' });

export const failurePolicy = z.enum(FAILURE_POLICIES).meta({
  description:
    'What the run does about a step that fails for good: it waits for a person (`wait`, the standard), fails with it (`fail`), or goes on without it and what depends on it (`skip`).',
});

/** Any object. */
export const jsonObjectMember = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object')
  .meta({ type: 'object', additionalProperties: true });

export const priority = z.enum(PRIORITIES).meta({
  description:
    'Whose steps come first where several wait for the same place: those of runs of `high` priority, then `normal` (the standard), then `low`.',
});

export const timeZone = z.string().max(64).refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin').meta({
  description:
    'Where the person is, such as `Europe/Berlin`: what "today" and "this week" refer to. The configured one where it is absent.',
});

/** An id in a body. */
export const idMember = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** What a question hands on of `min_position`. */
export const freshness = ({ min_position: minPosition }: { readonly min_position?: bigint }): { readonly minPosition?: bigint } =>
  minPosition === undefined ? {} : { minPosition };

/** The query of a request that takes none: parameters are refused. */
export const nothing = z.strictObject({});
