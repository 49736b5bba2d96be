import type { Schedule } from '../../domain/schedule/schedule.state.js';
import type { Actor } from '../ports/event-log.js';
import type { Submission } from '../workflow/submit-intent.command.js';

/** What a schedule submits, for an occurrence (ISO 8601 UTC) or because a person says so. */
export function scheduledSubmission({ scheduleId, definition }: Schedule, actor: Actor, scheduledFor?: string): Submission {
  const { userId, intent, plan, timeZone, approvalFrom, onFailure, priority } = definition;
  return {
    userId,
    intent,
    timeZone,
    actor,
    schedule: { scheduleId, ...(scheduledFor === undefined ? {} : { scheduledFor }) },
    ...(plan === undefined ? {} : { plan }),
    ...(approvalFrom === undefined ? {} : { approvalFrom }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(priority === undefined ? {} : { priority }),
  };
}
