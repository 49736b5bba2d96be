import { z } from 'zod';
import type { Act } from '../../../application/workflow/act.js';
import { idMember } from './parameters.js';
import { statedUser } from './stated-user.js';

/** Members of a request in which a person does something about a run: why, and who. */
export const actShape = {
  reason: z
    .exactOptional(z.string().max(2_000))
    .meta({ description: 'Why, for the timeline: at most 2,000 characters.', example: 'Changed my mind' }),
  user_id: z.exactOptional(idMember).meta({ description: 'Who does it.', example: 1 }),
};

export const actBody = z.strictObject(actShape).optional();
export type ActBody = z.infer<typeof actBody>;

/** Who does something and why, as the request says. A reason of nothing but spaces is none. */
export const whoAndWhy = (body: ActBody): Omit<Act, 'workflowId'> => {
  const { reason, user_id: decidedBy } = body ?? {};
  return {
    actor: statedUser(decidedBy),
    ...(reason?.trim() ? { reason } : {}),
    ...(decidedBy === undefined ? {} : { decidedBy }),
  };
};

/** The same, about a run. */
export const actOf = (workflowId: number, body: ActBody): Act => ({ workflowId, ...whoAndWhy(body) });
