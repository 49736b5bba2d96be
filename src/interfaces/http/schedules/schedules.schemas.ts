import { z } from 'zod';
import type { ScheduleDetail } from '../../../application/queries/get-schedule.js';
import type { ScheduleWithNext } from '../../../application/schedules/next-occurrences.js';
import type { NewSchedule } from '../../../application/schedules/create-schedule.command.js';
import { CATCH_UPS, OVERLAPS } from '../../../domain/schedule/schedule.events.js';
import { SCHEDULE_STATES } from '../../../domain/schedule/schedule.state.js';
import {
  approvalThreshold,
  cursorParameter,
  failurePolicy,
  idMember,
  idParameter,
  limitParameter,
  priority,
  question,
  timeMember,
  timeZone,
} from '../requests/parameters.js';
import { statedUser } from '../requests/stated-user.js';
import { id, nextCursor, position, time } from '../responses/member-schemas.js';
import { planOf, presentPlan } from '../workflows/submission.mapping.js';
import { planMember } from '../workflows/submission.requests.js';

export const schedulePath = z.strictObject({ id: idParameter('Id of the schedule.') });

export const schedulesQuestion = question({
  user_id: z.exactOptional(idParameter('Only schedules of this user.')),
  state: z.exactOptional(z.enum(SCHEDULE_STATES)).meta({ description: 'Only schedules in this state.' }),
  cursor: z.exactOptional(cursorParameter),
  limit: limitParameter({ standard: 50, highest: 500 }),
});

const overlap = z.enum(OVERLAPS).meta({
  description:
    "What becomes of an occurrence while the schedule's last run is unfinished: it is skipped (`skip`, the standard), or run all the same (`allow`).",
});

const catchUp = z.enum(CATCH_UPS).meta({
  description:
    'What becomes of occurrences that came while no engine ran: the last one is run (`last`, the standard), or none of them (`none`).',
});

export const scheduleBody = z
  .strictObject({
    user_id: idMember.meta({ description: 'Whose runs they are.' }),
    intent: z.exactOptional(z.string()).meta({ description: 'What is wanted, in words. May be absent where a plan is given.' }),
    plan: z.exactOptional(planMember),
    cron: z.string().max(200).meta({
      description: 'Minute, hour, day of the month, month, day of the week; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.',
    }),
    time_zone: z.exactOptional(timeZone),
    overlap: z.exactOptional(overlap),
    catch_up: z.exactOptional(catchUp),
    ends_at: z.exactOptional(timeMember('No occurrence comes after it.')),
    require_approval_from: z.exactOptional(approvalThreshold),
    on_failure: z.exactOptional(failurePolicy),
    priority: z.exactOptional(priority),
  })
  .refine(({ intent, plan }) => intent !== undefined || plan !== undefined, {
    path: ['intent'],
    message: 'is required where there is no plan',
  })
  .meta({
    id: 'NewSchedule',
    example: { user_id: 1, intent: 'Apply to 2 backend jobs', cron: '30 7 * * 1-5', time_zone: 'Europe/Berlin' },
  });
export type ScheduleBody = z.infer<typeof scheduleBody>;

export function newScheduleOf({
  user_id: userId,
  intent,
  plan,
  cron,
  overlap: overlapping,
  priority: urgency,
  ...body
}: ScheduleBody): NewSchedule {
  const { time_zone: zone, catch_up: catching, ends_at: endsAt, require_approval_from: approvalFrom, on_failure: onFailure } = body;
  return {
    userId,
    cron,
    actor: statedUser(userId),
    ...(intent === undefined ? {} : { intent }),
    ...(plan === undefined ? {} : { plan: planOf(plan) }),
    ...(zone === undefined ? {} : { timeZone: zone }),
    ...(overlapping === undefined ? {} : { overlap: overlapping }),
    ...(catching === undefined ? {} : { catchUp: catching }),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(approvalFrom === undefined ? {} : { approvalFrom }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(urgency === undefined ? {} : { priority: urgency }),
  };
}

const nextAt = time.nullable().meta({ description: 'When it is due next; null where it is not active, or over.' });

/** A schedule after what was asked of it. */
export const changedScheduleSchema = z
  .strictObject({ schedule_id: id, state: z.enum(SCHEDULE_STATES), next_at: nextAt, position })
  .meta({ id: 'ChangedSchedule' });

const scheduleShape = {
  schedule_id: id,
  user_id: id,
  intent: z.string(),
  cron: z.string(),
  time_zone: z.string(),
  overlap,
  catch_up: catchUp,
  ends_at: time.nullable(),
  state: z.enum(SCHEDULE_STATES),
  next_at: nextAt,
  last_scheduled_for: time.nullable().meta({ description: 'The last occurrence that was run.' }),
  last_workflow_id: id.nullable().meta({ description: 'Its last run, also one by hand.' }),
  skipped: z.int().meta({ description: 'Occurrences that were not run: missed, refused, or while the last run was unfinished.' }),
  created_at: time,
};

export const scheduleSummarySchema = z.strictObject(scheduleShape).meta({ id: 'ScheduleSummary' });

/** With all that it submits. */
export const scheduleSchema = z
  .strictObject({
    ...scheduleShape,
    require_approval_from: approvalThreshold.nullable(),
    on_failure: failurePolicy.nullable(),
    priority: priority.nullable(),
    plan: planMember.nullable().meta({ description: 'Null where the intent is planned anew each time.' }),
  })
  .meta({ id: 'Schedule' });

export const schedulePageSchema = z
  .strictObject({ items: z.array(scheduleSummarySchema), next_cursor: nextCursor })
  .meta({ id: 'SchedulePage' });

export const presentScheduleSummary = (schedule: ScheduleWithNext): z.infer<typeof scheduleSummarySchema> => ({
  schedule_id: schedule.scheduleId,
  user_id: schedule.userId,
  intent: schedule.intent,
  cron: schedule.cron,
  time_zone: schedule.timeZone,
  overlap: schedule.overlap,
  catch_up: schedule.catchUp,
  ends_at: schedule.endsAt,
  state: schedule.state,
  next_at: schedule.nextAt,
  last_scheduled_for: schedule.lastScheduledFor,
  last_workflow_id: schedule.lastWorkflowId,
  skipped: schedule.skipped,
  created_at: schedule.createdAt,
});

export const presentSchedule = ({ definition, ...schedule }: ScheduleDetail): z.infer<typeof scheduleSchema> => ({
  ...presentScheduleSummary(schedule),
  require_approval_from: definition.approvalFrom ?? null,
  on_failure: definition.onFailure ?? null,
  priority: definition.priority ?? null,
  plan: definition.plan ? presentPlan(definition.plan) : null,
});
