import type { Submission } from '../../../application/workflow/submit-intent.command.js';
import type { Plan, PlanStep } from '../../../domain/plan/plan.js';
import { RequestRefused, invalidField } from '../problems/request-refused.js';
import { statedUser } from '../requests/stated-user.js';
import type { PlanSubmission, SubmitBody, SubmitQuery } from './submission.requests.js';

/** One set of parameters from both places. @throws RequestRefused where they contradict each other */
function merged(query: SubmitQuery, body: NonNullable<SubmitBody>): SubmitQuery {
  const contradictions = (
    ['user_id', 'intent', 'require_approval_from', 'time_zone', 'on_failure', 'priority', 'start_at', 'deadline'] as const
  ).filter((key) => query[key] !== undefined && body[key] !== undefined && query[key] !== body[key]);
  if (contradictions.length === 0) return { ...query, ...body };
  throw new RequestRefused(
    'request.invalid',
    `The query and the body contradict each other: ${contradictions.join(', ')}.`,
    contradictions.map((key) => ({ field: `/${key}`, message: 'is given twice, with different values' })),
  );
}

const optionsOf = ({
  require_approval_from: approvalFrom,
  time_zone: timeZone,
  on_failure: onFailure,
  priority,
  start_at: startAt,
  deadline,
}: Pick<SubmitQuery, 'require_approval_from' | 'time_zone' | 'on_failure' | 'priority' | 'start_at' | 'deadline'>) => ({
  ...(approvalFrom === undefined ? {} : { approvalFrom }),
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(onFailure === undefined ? {} : { onFailure }),
  ...(priority === undefined ? {} : { priority }),
  ...(startAt === undefined ? {} : { startAt }),
  ...(deadline === undefined ? {} : { deadline }),
});

/** @throws RequestRefused request.invalid */
export function submissionOf(query: SubmitQuery, body: SubmitBody): Submission {
  const { user_id: userId, intent, ...options } = merged(query, body ?? {});
  if (userId === undefined) throw invalidField('/user_id', 'is required');
  if (intent === undefined) throw invalidField('/intent', 'is required');
  return { userId, intent, ...optionsOf(options), actor: statedUser(userId) };
}

export const planOf = ({ steps }: PlanSubmission['plan']): Plan => ({
  steps: steps.map(({ key, name, tool, args = {}, depends_on: dependsOn = [], risk_level: riskLevel }): PlanStep => ({
    key,
    name: name ?? key,
    tool,
    args,
    dependsOn,
    ...(riskLevel === undefined ? {} : { riskLevel }),
  })),
});

/** A plan as a submission states it. */
export const presentPlan = ({ steps }: Plan): PlanSubmission['plan'] => ({
  steps: steps.map(({ key, name, tool, args, dependsOn, riskLevel }) => ({
    key,
    name,
    tool,
    args,
    depends_on: [...dependsOn],
    ...(riskLevel === undefined ? {} : { risk_level: riskLevel }),
  })),
});

export function planSubmissionOf({ user_id: userId, intent, plan, ...options }: PlanSubmission): Submission {
  return {
    userId,
    plan: planOf(plan),
    ...(intent === undefined ? {} : { intent }),
    ...optionsOf(options),
    actor: statedUser(userId),
  };
}
