import { z } from 'zod';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import {
  approvalThreshold,
  failurePolicy,
  timeMember,
  timeParameter,
  idMember,
  idParameter,
  priority,
  timeZone,
  jsonObjectMember,
} from '../requests/parameters.js';

const INTENT = { description: 'What is wanted, in words: 1 to 2,000 characters.' };
const USER = { description: 'Who asks.' };

const START_AT = 'Nothing of the run starts before; at once where it is absent or past.';
const DEADLINE = 'A run that is not finished by then fails.';

/** The parameters of a submission in its query. The intent's own rules are the domain's. */
export const submitQuery = z.strictObject({
  user_id: z.exactOptional(idParameter(`${USER.description} Required here or in the body.`)),
  intent: z
    .exactOptional(z.string({ error: () => 'must be given once' }))
    .meta({ ...INTENT, description: `${INTENT.description} Required here or in the body.` }),
  require_approval_from: z.exactOptional(approvalThreshold),
  time_zone: z.exactOptional(timeZone),
  on_failure: z.exactOptional(failurePolicy),
  priority: z.exactOptional(priority),
  start_at: z.exactOptional(timeParameter(START_AT)),
  deadline: z.exactOptional(timeParameter(DEADLINE)),
});

/** The same parameters in a body, which may be absent. */
export const submitBody = z
  .strictObject({
    user_id: z.exactOptional(idMember).meta(USER),
    intent: z.exactOptional(z.string()).meta(INTENT),
    require_approval_from: z.exactOptional(approvalThreshold),
    time_zone: z.exactOptional(timeZone),
    on_failure: z.exactOptional(failurePolicy),
    priority: z.exactOptional(priority),
    start_at: z.exactOptional(timeMember(START_AT)),
    deadline: z.exactOptional(timeMember(DEADLINE)),
  })
  // Swagger UI fills this in, and no parameter of the query: a changed intent contradicts nothing.
  .meta({ example: { user_id: 1, intent: 'Apply to 2 backend jobs and create a grocery list' } })
  .optional();

const name = (description: string, longest = 200) => z.string().min(1).max(longest).meta({ description });

const planStep = z
  .strictObject({
    key: name('Names the step in the plan.').meta({ example: 'search' }),
    name: z.exactOptional(name('What people read; the key where it is absent.', 500)).meta({ example: 'Search for data jobs' }),
    tool: name('A tool of the catalogue.').meta({ example: 'job_search' }),
    // No `default` in the document: generated clients take a member that has one for a required one.
    args: z.exactOptional(jsonObjectMember).meta({
      type: 'object',
      additionalProperties: true,
      description:
        'The tool\'s arguments; none where it is absent. Anywhere in them, `{"$from": "<step key>", "path": "/json/pointer"}` stands for a part of another step\'s output.',
      example: { query: 'data', limit: 1 },
    }),
    depends_on: z
      .exactOptional(z.array(z.string().max(200)))
      .meta({ description: 'Keys of the steps that must succeed first.', example: [] }),
    risk_level: z.exactOptional(z.enum(RISK_LEVELS)).meta({ description: "Raises the tool's risk level, never lowers it." }),
  })
  .meta({ id: 'PlanStep' });

export const planMember = z.strictObject({ steps: z.array(planStep).meta({ description: '1 to 10,000 steps.' }) });

/** A submission that brings its plan. */
export const planSubmission = z
  .strictObject({
    user_id: idMember.meta(USER),
    intent: z.exactOptional(z.string()).meta(INTENT),
    require_approval_from: z.exactOptional(approvalThreshold),
    time_zone: z.exactOptional(timeZone),
    on_failure: z.exactOptional(failurePolicy),
    priority: z.exactOptional(priority),
    start_at: z.exactOptional(timeMember(START_AT)),
    deadline: z.exactOptional(timeMember(DEADLINE)),
    plan: planMember,
  })
  .meta({
    id: 'PlanSubmission',
    example: {
      user_id: 1,
      plan: {
        steps: [
          { key: 'search', name: 'Search for data jobs', tool: 'job_search', args: { query: 'data', limit: 1 } },
          { key: 'tailor', name: 'Tailor CV to job', tool: 'cv_tailor', args: { job: { $from: 'search', path: '/jobs/0' } } },
        ],
      },
    },
  });

export type SubmitQuery = z.infer<typeof submitQuery>;
export type SubmitBody = z.infer<typeof submitBody>;
export type PlanSubmission = z.infer<typeof planSubmission>;
