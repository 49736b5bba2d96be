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

const WHAT_HOLDS: Readonly<Record<string, string>> = {
  pause: 'is paused',
  tool: 'no node has its tool in the planned version',
  parked: 'the engine could not deal with an event',
};

/** What a run is stuck at, and how it goes on or ends. */
export function describeStandstill({ workflow_id: id, steps, waiting_for: waits }: WorkflowDto, later: Later): readonly string[] {
  const linesOf = ({ kind, step_id: stepId }: WorkflowDto['waiting_for'][number]): string => {
    const step = steps.find((one) => one.step_id === stepId);
    return `   ${step?.name ?? 'The run'}: ${kind === 'dead_letter' ? (step?.error?.message ?? 'failed') : WHAT_HOLDS[kind]}`;
  };
  return [
    '📮 The workflow waits for a person: nothing more can run by itself.',
    ...waits.map(linesOf),
    ...returning(later, 'See what can be done, or end it'),
    `  npx lifeos dead-letters --url ${later.url}`,
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
