import type { History, Order } from './history.js';
import type { StoredEvent } from './simulated-log.js';
import { runsIn, standingOf } from './stillness.js';
import type { Report } from './violation.js';

const STOPS = new Set(['WorkflowStopping', 'WorkflowCancelled', 'WorkflowFailed']);

interface Answer {
  readonly workflowId: number;
  readonly status: string;
  readonly alreadyDecided: boolean;
}

/** The event that a person was promised with the answer, by a sign of it. */
function proofOf({ kind, workflowId, approvalId, stepId, name }: Order, events: readonly StoredEvent[]): StoredEvent | undefined | 'none' {
  const of = (holds: (event: StoredEvent) => boolean): StoredEvent | undefined =>
    events.find((event) => event.data['workflowId'] === workflowId && holds(event));
  if (kind === 'cancel' || kind === 'give-up') return of(({ type }) => STOPS.has(type));
  if (kind === 'decide')
    return of(({ type, data }) => type.startsWith('Approval') && type !== 'ApprovalRequested' && data['approvalId'] === approvalId);
  // The same as somebody else did before is no order of its own.
  if (kind === 'retry') return of(({ type, data }) => type === 'StepRetryRequested' && data['stepId'] === stepId);
  if (kind === 'skip') return of(({ type, data }) => type === 'StepSkipped' && data['stepId'] === stepId);
  if (kind === 'pause') return of(({ type }) => type === 'WorkflowPaused');
  if (kind === 'set-pause') return events.find(({ type, data }) => type === 'PauseSet' && data['reason'] === name) ?? 'none';
  return 'none';
}

/** What people were told, against what the log says. */
export function checkOrders({ orders, events, whenStill }: History, report: Report): void {
  for (const order of orders) {
    const told = order.answers.filter(({ refusal }) => refusal === undefined);
    if (order.answers.length === 0) report(13, 'no-answer', `${order.kind} ${order.name} was never answered`);
    for (const { step, result } of told) {
      const proof =
        order.kind === 'submit'
          ? events.find(({ type, data }) => type === 'WorkflowSubmitted' && data['workflowId'] === (result as Answer).workflowId)
          : proofOf(order, events);
      if (proof !== 'none' && !(proof && proof.step < step))
        report(1, 'lost-promise', `${order.kind} ${order.name} was acknowledged, and is not in the log`);
    }
    const runs = new Set(told.map(({ result }) => (result as Answer).workflowId));
    if (order.kind === 'submit' && runs.size > 1) report(4, 'double-run', `${order.name} led to several runs`);
    if (order.kind === 'decide') checkDecision(order, told, events, report);
    const repeats = events.filter(({ type, data }) => type === 'StepRetryRequested' && data['reason'] === order.name).length;
    if (repeats > 1) report(14, 'double-order', `${order.name}, to retry once, counted ${repeats} times`);
  }
  for (const [workflowId, own] of runsIn(events.slice(0, whenStill))) {
    const { isFinal, waitsForPeople, hanging } = standingOf(workflowId, own);
    if (!isFinal && !waitsForPeople) report(13, 'hangs', `run ${workflowId} does not go on: ${hanging}`);
  }
  for (const [workflowId, own] of runsIn(events)) {
    const { isFinal, hanging, matters } = standingOf(workflowId, own);
    if (!isFinal) report(35, 'no-way-on', `run ${workflowId} does not end: ${hanging} ${matters.map(({ kind }) => kind).join()}`);
  }
}

function checkDecision({ approvalId, name }: Order, told: Order['answers'], events: readonly StoredEvent[], report: Report): void {
  const first = events.find(
    ({ type, data }) => (type === 'ApprovalGranted' || type === 'ApprovalRejected') && data['approvalId'] === approvalId,
  );
  const status = first?.type === 'ApprovalGranted' ? 'approved' : 'rejected';
  for (const { result } of told)
    if ((result as Answer).status !== status)
      report(23, 'other-answer', `${name} was told another decision than the first of ${approvalId}`);
}
