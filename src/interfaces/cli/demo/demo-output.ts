import type { ApprovalDto, TimelineEventDto } from '../api-client.js';

const ICONS: Readonly<Record<string, string>> = {
  workflow_started: '📝',
  workflow_planned: '🧭',
  step_ready: '🟦',
  step_running: '⏳',
  step_succeeded: '✅',
  step_failed: '❌',
  step_retry_scheduled: '🔁',
  step_blocked: '⏸️',
  approval_required: '🛑',
  approval_granted: '👍',
  approval_rejected: '🚫',
  step_skipped: '⏭️',
  step_dead_lettered: '📮',
  workflow_cancelled: '🛑',
  workflow_failed: '❌',
  workflow_complete: '🏁',
};

export const bulletLine = ({ type, message }: TimelineEventDto): string => `  • ${type}: ${message}`;

/** Seconds are enough to read along: `[2026-02-14T10:30:01Z]`. */
const shortTime = (at: string): string => at.replace(/\.[0-9]+Z$/, 'Z');

export const streamLine = ({ type, message, at }: TimelineEventDto): string =>
  `${ICONS[type] ?? '•'} [${shortTime(at)}] ${type}: ${message}`;

export const describeApproval = ({ step_id: stepId, reason, approval_id: id }: ApprovalDto): readonly string[] => [
  '🛑 Found pending approval:',
  `   Step ID: ${stepId}`,
  `   Reason: ${reason}`,
  `   Approval ID: ${id}`,
];
