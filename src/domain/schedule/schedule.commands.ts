import type { ByHand } from '../workflow/events/workflow-events.js';
import type { ScheduleDefinition, SkipReason } from './schedule.events.js';

/** What can be asked of a schedule. A command that was carried out before decides nothing the second time. */
export interface ScheduleCommandData {
  readonly CreateSchedule: { readonly definition: ScheduleDefinition };
  readonly PauseSchedule: ByHand;
  readonly ResumeSchedule: ByHand;
  readonly DeleteSchedule: ByHand;
  /** @param scheduledFor the last of `count` occurrences */
  readonly SkipOccurrence: {
    readonly scheduledFor: string;
    readonly because: SkipReason;
    readonly count?: number;
    readonly detail?: string;
  };
}

export type ScheduleCommand = {
  readonly [K in keyof ScheduleCommandData]: { readonly type: K; readonly data: ScheduleCommandData[K] };
}[keyof ScheduleCommandData];
