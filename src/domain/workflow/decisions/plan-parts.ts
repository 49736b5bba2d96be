import type { Json } from '../../json.js';
import type { PlannedStep } from '../../plan/plan.js';
import type { ByHand, WorkflowEvent } from '../events/workflow-events.js';

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

export interface Reused {
  readonly by?: ByHand;
  /** The run that the outputs are from. */
  readonly of: number;
  readonly outputs: readonly { readonly stepId: number; readonly output: Json }[];
}

/** The events that hold a plan: for most plans the last one alone. They count once that one is stored, so they may be appended one by one. */
export function planEvents(
  workflowId: number,
  at: string,
  planner: string,
  steps: readonly PlannedStep[],
  reused?: Reused,
): { readonly parts: readonly WorkflowEvent[]; readonly seal: WorkflowEvent } {
  const parts = inParts(steps);
  let offset = 0;
  const before = parts.slice(0, -1).map((part): WorkflowEvent => {
    const event = { type: 'PlanPartRecorded', data: { workflowId, at, offset, steps: part } } as const;
    offset += part.length;
    return event;
  });
  const outputs = (reused?.outputs ?? []).map(({ stepId, output }): WorkflowEvent => {
    const step = steps[stepId - 1]!;
    return { type: 'StepOutputReused', data: { workflowId, at, stepId, name: step.name, step, output } };
  });
  const from = reused && { reused: { workflowId: reused.of, stepIds: reused.outputs.map(({ stepId }) => stepId) } };
  return {
    parts: [...before, ...outputs],
    seal: { type: 'WorkflowPlanned', data: { workflowId, at, planner, offset, steps: parts.at(-1)!, stepCount: steps.length, ...from } },
  };
}
