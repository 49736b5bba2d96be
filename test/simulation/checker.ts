import { checkCalls } from './check-calls.js';
import { checkOrders } from './check-orders.js';
import { checkRun } from './check-run.js';
import type { History } from './history.js';
import type { StoredEvent } from './simulated-log.js';
import { runsIn } from './stillness.js';
import type { Report, Violation } from './violation.js';

function checkLog(events: readonly StoredEvent[], report: Report): void {
  const ends = new Map<string, StoredEvent>();
  let position = 0n;
  for (const event of events) {
    const last = ends.get(event.streamId);
    if (event.revision !== (last?.revision ?? -1) + 1 || event.position <= position)
      report(2, 'gap', `${event.type} is ${event.revision}@${event.streamId}`);
    const isOfLast = last?.step === event.step && last.expected === event.expected;
    const expected = event.expected === 'no-stream' ? -1 : event.expected;
    if (!isOfLast && event.revision !== expected + 1)
      report(5, 'overtaken', `${event.type} is ${event.revision}@${event.streamId}, and was written over revision ${expected}`);
    ({ position } = event);
    ends.set(event.streamId, event);
  }
}

/** Everything that must hold of a history, by nothing but what was asked for, the log, and what the tools saw. It shares no code with what it judges. */
export function check(history: History): readonly Violation[] {
  const violations: Violation[] = [];
  const report: Report = (invariant, kind, message) => void violations.push({ invariant, kind, message });
  checkLog(history.events, report);
  const runs = [...runsIn(history.events)].map(([workflowId, events]) => checkRun(workflowId, events, history, report));
  checkCalls(history, runs, report);
  checkOrders(history, report);
  return violations;
}
