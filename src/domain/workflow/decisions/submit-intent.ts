import type { Forked, WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { WorkflowState } from '../workflow.state.js';
import { withEnd } from './run-end.js';
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

/** The times as they will be recorded, in UTC. @throws DomainError times.* */
function checkTimes(
  { startAt, deadline }: { readonly startAt?: string; readonly deadline?: string },
  now: number,
): { readonly startAt?: string; readonly deadline?: string } {
  if (deadline !== undefined && Date.parse(deadline) <= Math.max(now, startAt === undefined ? now : Date.parse(startAt)))
    throw new DomainError('deadline.too-early', 'The deadline is not after the start: give a later one.', ['deadline']);
  const utc = (time: string): string => new Date(time).toISOString();
  return {
    ...(startAt !== undefined && Date.parse(startAt) > now ? { startAt: utc(startAt) } : {}),
    ...(deadline === undefined ? {} : { deadline: utc(deadline) }),
  };
}

export function submitIntent(
  data: WorkflowCommandData['SubmitIntent'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  if (state.state !== undefined) return [];
  const { workflowId } = state;
  const { userId, approvalFrom, timeZone, steps, onFailure, priority, keyPrefix, rerun, schedule, compensates, fork } = data;
  const intent = checkIntent(data.intent);
  const times = checkTimes(data, Date.parse(now));
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
      ...(priority === undefined ? {} : { priority }),
      ...times,
      ...(schedule === undefined ? {} : { schedule }),
      ...(compensates === undefined ? {} : { compensates }),
      ...(fork === undefined ? {} : { fork: forkedOf(fork) }),
      ...(rerun === undefined ? {} : { rerunOf: rerun.of, ...(rerun.by && { rerunBy: rerun.by }) }),
    },
  } as const;
  if (!steps) return [submitted];
  const { parts, seal } = planEvents(workflowId, now, 'given', steps, rerun ?? (fork && { of: fork.workflowId, outputs: fork.outputs }));
  // Parts first: as long as the submission itself is not stored, there is no run.
  const events = [...parts, submitted, seal];
  // A copy of which all is taken over has nothing left to do.
  return fork ? withEnd(events, state, now) : events;
}

const forkedOf = ({ outputs: _outputs, ...fork }: NonNullable<WorkflowCommandData['SubmitIntent']['fork']>): Forked => fork;
