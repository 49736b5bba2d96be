import { z } from 'zod';
import type { Json, JsonObject } from '../../../domain/json.js';
import { isJsonObject } from '../../../domain/json.js';
import type { StepError } from '../../../domain/workflow/events/workflow-events.js';
import { EFFECT_CERTAINTIES } from '../../../domain/workflow/lifecycle.js';

/** Schemas of members that several answers share. */
export const id = z.int().min(1).meta({ example: 1 });

export const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC.', example: '2026-02-14T10:30:01.000Z' });

export const position = z.string().regex(/^\d+$/).meta({
  description: 'Opaque place in the log. Given as `min_position` to a read, the read sees what was just written.',
  example: '4711',
});

export const nextCursor = z.string().nullable().meta({ description: 'Ask with it as `cursor` for the next page; null at the end.' });

/** Says that any member may be there: without it generated clients take the object for an empty one. */
export const jsonObject = z.custom<JsonObject>((value) => isJsonObject(value as Json)).meta({ type: 'object', additionalProperties: true });

export const anyJson = z.custom<Json>((value) => value !== undefined).meta({ description: 'Any JSON value.' });

/** Why an attempt failed. */
export const stepError = z
  .strictObject({
    code: z.string().meta({ example: 'tool.timeout' }),
    message: z.string(),
    effect: z.enum(EFFECT_CERTAINTIES).meta({ description: 'Whether the attempt had its effect on the world all the same.' }),
    retryable: z.boolean().meta({ description: 'False: another attempt with the same arguments cannot succeed.' }),
  })
  .meta({ id: 'StepError' });

export const presentError = ({ code, message, retryable, effect }: StepError): z.infer<typeof stepError> => ({
  code,
  message,
  effect,
  retryable,
});
