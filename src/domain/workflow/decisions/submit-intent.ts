import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { WorkflowState } from '../workflow.state.js';
import { planEvents } from './plan-parts.js';

/** Longest intent, in characters. */
export const MAX_INTENT_LENGTH = 2_000;

/** The intent as it will be recorded. @throws DomainError intent.* */
export function checkIntent(intent: string): string {
  const text = intent.trim();
  if (text === '') throw new DomainError('intent.empty', 'The intent is empty: say what should be done.', ['intent']);
  if (text.length > MAX_INTENT_LENGTH) {
    const message = `The intent is ${text.length} characters long; at most ${MAX_INTENT_LENGTH} are possible.`;
    throw new DomainError('intent.too-long', message, ['intent']);
  }
  return text;
}

export function submitIntent(
  data: WorkflowCommandData['SubmitIntent'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  if (state.state !== undefined) return [];
  const { workflowId } = state;
  const { userId, approvalFrom, timeZone, steps, onFailure, keyPrefix } = data;
  const intent = checkIntent(data.intent);
  const submitted = {
    type: 'WorkflowSubmitted',
    data: {
      workflowId,
      at: now,
      userId,
      intent,
      approvalFrom,
      timeZone,
      planGiven: steps !== undefined,
      keyPrefix,
      ...(onFailure === undefined ? {} : { onFailure }),
    },
  } as const;
  if (!steps) return [submitted];
  const { parts, seal } = planEvents(workflowId, now, 'given', steps);
  // Parts first: as long as the submission itself is not stored, there is no run.
  return [...parts, submitted, seal];
}
