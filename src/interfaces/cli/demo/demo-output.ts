import type { ApprovalDto, TimelineEventDto, WorkflowDto } from '../api-client.js';
import { describeArguments } from './describe-arguments.js';

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

export const describeApproval = ({ step_id: stepId, reason, approval_id: id, args }: ApprovalDto): readonly string[] => [
  '🛑 Found pending approval:',
  `   Step ID: ${stepId}`,
  `   Reason: ${reason}`,
  `   Approval ID: ${id}`,
  ...describeArguments(args).map((line) => `   ${line}`),
];

/** What a run is stuck at, and how it ends. */
export function describeStandstill({ workflow_id: id, steps, waiting_for: waits }: WorkflowDto, later: Later): readonly string[] {
  const failed = steps.filter(({ step_id }) => waits.some((wait) => wait.kind === 'dead_letter' && wait.step_id === step_id));
  return [
    '📮 The workflow waits for a person: nothing more can run by itself.',
    ...failed.map(({ name, error }) => `   ${name}: ${error?.message ?? 'failed'}`),
    ...returning(later, 'End it'),
    `  curl -X POST ${later.url}/api/workflows/${id}/cancel`,
  ];
}

/** How to reach the demo's engine when the demo has ended. */
export interface Later {
  /** The command that starts it again; undefined where it runs anyway. */
  readonly start: string | undefined;
  readonly url: string;
}

const returning = ({ start }: Later, what: string): readonly string[] =>
  start === undefined ? [`${what} with:`] : [`${what} later: start the engine on the demo's data,`, `  ${start}`, 'and then:'];

/** What to do about requests that nobody has decided. */
export const describeUndecided = (approvals: readonly ApprovalDto[], decidedBy: number, later: Later): readonly string[] => [
  `No answer: ${approvals.length === 1 ? 'the approval stays' : 'the approvals stay'} pending. The next time, --yes or --no answers.`,
  ...returning(later, 'Decide'),
  ...approvals.map(
    ({ approval_id: id }) =>
      `  curl -X POST ${later.url}/api/approvals/${id}/decision -H 'Content-Type: application/json' -d '{"decision": "approve", "decided_by": ${decidedBy}}'`,
  ),
];
