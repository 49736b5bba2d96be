import { z } from 'zod';
import type { DeadLetterView } from '../../../application/ports/read-models.js';
import type { StepAfterAct } from '../../../application/workflow/act.js';
import { BULK_ACTIONS, MOST_LETTERS, type BulkOutcome } from '../../../application/workflow/decide-dead-letters.command.js';
import type { Json } from '../../../domain/json.js';
import { STEP_STATES } from '../../../domain/workflow/lifecycle.js';
import { actShape } from '../requests/act-body.js';
import { cursorParameter, idMember, idParameter, jsonObjectMember, limitParameter, question } from '../requests/parameters.js';
import { id, jsonObject, nextCursor, position, presentError, stepError, time } from '../responses/member-schemas.js';

export const deadLettersQuestion = question({
  tool: z.exactOptional(z.string().max(200)).meta({ description: 'Only steps of this tool.' }),
  code: z.exactOptional(z.string().max(200)).meta({ description: 'Only steps whose error has this code.' }),
  user_id: z.exactOptional(idParameter('Only steps of runs of this user.')),
  cursor: z.exactOptional(cursorParameter),
  limit: limitParameter({ standard: 50, highest: 500 }),
});

const deadLetterSchema = z
  .strictObject({
    workflow_id: id,
    user_id: id.meta({ description: 'Whose run it is.' }),
    intent: z.string().meta({ description: "The run's intent." }),
    step_id: id,
    step_name: z.string(),
    tool: z.string(),
    attempts: z.int(),
    args: jsonObject,
    error: stepError,
    dead_lettered_at: time,
    failures: z
      .array(z.strictObject({ attempt: z.int(), at: time, error: stepError }).meta({ id: 'FailedAttempt' }))
      .meta({ description: 'Every attempt that failed, oldest first; also those from before it was last tried again.' }),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterPageSchema = z
  .strictObject({ items: z.array(deadLetterSchema), next_cursor: nextCursor })
  .meta({ id: 'DeadLetterPage' });

export const presentLetter = (letter: DeadLetterView): z.infer<typeof deadLetterSchema> => ({
  workflow_id: letter.workflowId,
  user_id: letter.userId,
  intent: letter.intent,
  step_id: letter.stepId,
  step_name: letter.stepName,
  tool: letter.tool,
  attempts: letter.attempts,
  args: letter.args,
  error: presentError(letter.error),
  dead_lettered_at: letter.deadLetteredAt,
  failures: letter.failures.map(({ attempt, at, error }) => ({ attempt, at, error: presentError(error) })),
});

export const stepPath = z.strictObject({ id: idParameter('Id of the workflow.'), step_id: idParameter('Id of the step in it.') });

const argsMember = z
  .exactOptional(jsonObjectMember)
  .meta({ type: 'object', additionalProperties: true, description: 'Complete arguments in place of those that the step has.' });

export const retryBody = z.strictObject({ ...actShape, args: argsMember }).optional();
export type RetryBody = z.infer<typeof retryBody>;

export const completeBody = z.strictObject({
  ...actShape,
  output: z.custom<Json>((value) => value !== undefined, 'is required').meta({ description: "As the tool's output schema wants it." }),
});
export type CompleteBody = z.infer<typeof completeBody>;

export const decidedStepSchema = z
  .strictObject({ workflow_id: id, step_id: id, state: z.enum(STEP_STATES), position })
  .meta({ id: 'DecidedStep' });

export const presentDecidedStep = ({ workflowId, stepId, state, position: at }: StepAfterAct): z.infer<typeof decidedStepSchema> => ({
  workflow_id: workflowId,
  step_id: stepId,
  state,
  position: at.toString(),
});

const address = z.strictObject({ workflow_id: idMember, step_id: idMember });

export const bulkBody = z
  .strictObject({
    ...actShape,
    action: z.enum(BULK_ACTIONS),
    items: z
      .exactOptional(z.array(address).min(1).max(MOST_LETTERS))
      .meta({ description: `These letters, at most ${MOST_LETTERS.toLocaleString('en')}.` }),
    filter: z
      .exactOptional(
        z.strictObject({
          tool: z.exactOptional(z.string().max(200)),
          code: z.exactOptional(z.string().max(200)),
          user_id: z.exactOptional(idMember),
        }),
      )
      .meta({ description: 'The letters that it finds, newest first; `{}` finds every one.' }),
  })
  .refine(({ items, filter }) => (items === undefined) !== (filter === undefined), {
    path: ['items'],
    message: 'must be given, or a filter; not both',
  })
  .meta({
    id: 'DeadLetterDecisions',
    example: { action: 'retry', filter: { tool: 'email_send' }, user_id: 1, reason: 'The mail server is back' },
  });
export type BulkBody = z.infer<typeof bulkBody>;

export const bulkOutcomeSchema = z
  .strictObject({
    done: z.int().meta({ description: 'Letters that were decided so, or had been.' }),
    failed: z.array(z.strictObject({ workflow_id: id, step_id: id, code: z.string(), detail: z.string() }).meta({ id: 'UndecidedLetter' })),
    more: z.boolean().meta({ description: 'The filter finds more than one request decides: ask again.' }),
  })
  .meta({ id: 'DeadLetterOutcome' });

export const presentBulkOutcome = ({ done, failed, isMore }: BulkOutcome): z.infer<typeof bulkOutcomeSchema> => ({
  done,
  failed: failed.map(({ workflowId, stepId, code, message }) => ({ workflow_id: workflowId, step_id: stepId, code, detail: message })),
  more: isMore,
});
