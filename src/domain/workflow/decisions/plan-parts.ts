import type { PlannedStep } from '../../plan/plan.js';
import type { WorkflowEvent } from '../events/workflow-events.js';

/** Longest JSON text of the steps in one event, in characters. In UTF-8 at most three times as many bytes: below the 1 MiB that one append may hold. */
const PART_LENGTH = 256 * 1024;

function inParts(steps: readonly PlannedStep[]): readonly (readonly PlannedStep[])[] {
  const parts: PlannedStep[][] = [[]];
  let length = 0;
  for (const step of steps) {
    const own = JSON.stringify(step).length;
    if (length > 0 && length + own > PART_LENGTH) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)!.push(step);
    length += own;
  }
  return parts;
}

/** The events that hold a plan: for most plans the last one alone. They count once that one is stored, so they may be appended one by one. */
export function planEvents(
  workflowId: number,
  at: string,
  planner: string,
  steps: readonly PlannedStep[],
): { readonly parts: readonly WorkflowEvent[]; readonly seal: WorkflowEvent } {
  const parts = inParts(steps);
  let offset = 0;
  const before = parts.slice(0, -1).map((part): WorkflowEvent => {
    const event = { type: 'PlanPartRecorded', data: { workflowId, at, offset, steps: part } } as const;
    offset += part.length;
    return event;
  });
  return {
    parts: before,
    seal: { type: 'WorkflowPlanned', data: { workflowId, at, planner, offset, steps: parts.at(-1)!, stepCount: steps.length } },
  };
}
