import { canonicalJson } from '../../src/domain/json.js';
import type { CallRecord, History } from './history.js';
import type { RunHistory, Start, StepHistory } from './step-history.js';
import { TOOL_TABLE } from './tool-table.js';
import type { Report } from './violation.js';

/** Between the start of an attempt that is stored and its call. */
const CALL_WITHIN_MS = 1_010;

interface Place {
  readonly run: RunHistory;
  readonly step: StepHistory;
}

/** The steps by the keys of their calls. */
function placesOf(runs: readonly RunHistory[], report: Report): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const run of runs)
    for (const step of run.steps.values())
      for (const key of step.keys.values()) {
        const other = places.get(key);
        if (other) report(33, 'shared-key', `${key} is the key of two steps, or of one with other arguments`);
        places.set(key, { run, step });
      }
  return places;
}

/** How many calls go on at once at most. */
function mostAtOnce(calls: readonly CallRecord[], endOf: (call: CallRecord) => number): number {
  const changes = calls.flatMap((call) => [
    { at: call.began, change: 1 },
    { at: endOf(call), change: -1 },
  ]);
  changes.sort((a, b) => a.at - b.at || a.change - b.change);
  let now = 0;
  let most = 0;
  for (const { change } of changes) most = Math.max(most, (now += change));
  return most;
}

const named = ({ tool, key, attempt, worker }: CallRecord): string => `call of ${tool} for ${key}, attempt ${attempt}, at ${worker}`;

function checkCall(call: CallRecord, start: Start, { step }: Place, report: Report): void {
  const about = named(call);
  const { event, worker, ready, outcome } = start;
  if (event.step >= call.began) report(19, 'call-before-start', `${about} before its start was stored`);
  if (worker !== call.worker) report(16, 'foreign-call', `${about}, but ${worker} has started it`);
  // The attempt is over: whatever follows from that may be under way.
  if (outcome && outcome.step < call.began) report(16, 'call-after-outcome', `${about} after ${outcome.type} of it was stored`);
  if (!ready) return;
  if (call.tool !== ready.tool || call.version !== ready.toolVersion)
    report(34, 'other-version-called', `${about}: ${call.version} was called, ${ready.toolVersion} planned`);
  const wanted = step.mustAsk && ready.request ? ready.request.args : ready.args;
  if (canonicalJson(call.args) !== canonicalJson(wanted)) report(21, 'other-arguments', `${about} with other arguments than approved`);
}

/** What the tools saw, against what the log says. */
export function checkCalls({ calls, effects, orders, concurrency }: History, runs: readonly RunHistory[], report: Report): void {
  const places = placesOf(runs, report);
  const stops = orders.filter(({ kind }) => kind === 'cancel' || kind === 'give-up');
  const seen = new Set<string>();
  for (const call of calls) {
    const place = places.get(call.key);
    const start = place?.step.starts.get(call.attempt);
    if (!place || !start) {
      report(place ? 19 : 33, 'unknown-call', `${named(call)}, of which the log knows nothing`);
      continue;
    }
    const name = `${call.key} ${call.attempt}`;
    if (seen.has(name)) report(16, 'double-call', `${named(call)} for the second time`);
    seen.add(name);
    checkCall(call, start, place, report);
    for (const { workflowId, answers } of stops) {
      const told = answers.find(({ refusal }) => refusal === undefined);
      // A call is made within a second of its start, or the run is looked at again: what was begun before the stop may still be called for so long.
      const isUnderWay = place.run.stopped && start.event.step < place.run.stopped.step && call.time - start.event.time <= CALL_WITHIN_MS;
      if (workflowId === place.run.workflowId && told && told.step < call.began && !isUnderWay)
        report(12, 'call-after-cancel', `${named(call)} after the cancel was acknowledged`);
    }
  }
  for (const worker of new Set(calls.map((call) => call.worker))) {
    const own = calls.filter((call) => call.worker === worker);
    const most = mostAtOnce(own, ({ answered }) => answered);
    if (most > concurrency) report(17, 'too-many-at-once', `${most} calls at once at ${worker}`);
    for (const [tool, manifest] of TOOL_TABLE) {
      const ofTool = mostAtOnce(
        own.filter((call) => call.tool === tool),
        ({ left }) => left,
      );
      if (ofTool > manifest.concurrency) report(17, 'too-many-at-a-tool', `${ofTool} calls of ${tool} at once at ${worker}`);
    }
  }
  const done = new Map<StepHistory, number>();
  for (const { key } of effects) {
    const step = places.get(key)?.step;
    if (step) done.set(step, (done.get(step) ?? 0) + 1);
  }
  for (const [step, count] of done) {
    const isIdempotent = TOOL_TABLE.get(step.tool)!.effect === 'idempotent';
    // Other arguments are another effect; at a tool that is not idempotent each order of a person may be one.
    const most = 1 + (isIdempotent ? step.edits : step.orders);
    if (count > most) report(isIdempotent ? 18 : 20, 'too-many-effects', `step ${step.stepId} had its effect ${count} times, not ${most}`);
  }
}
