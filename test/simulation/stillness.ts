import type { StoredEvent } from './simulated-log.js';

/** What a run waits for that does not come by itself. */
export interface OpenMatter {
  readonly kind: 'approval' | 'dead-letter' | 'tool' | 'pause' | 'parked';
  readonly workflowId: number;
  readonly stepId: number;
  readonly data: object;
}

export interface Standing {
  readonly workflowId: number;
  readonly isFinal: boolean;
  /** Nothing happens in it until somebody does something about one of its open matters, and there are some. */
  readonly waitsForPeople: boolean;
  readonly matters: readonly OpenMatter[];
  /** In words, what keeps it from both. */
  readonly hanging: string;
}

interface Planned {
  readonly stepId: number;
  readonly key: string;
  readonly dependsOn: readonly string[];
}

interface Facts {
  readonly stepId: number;
  readonly steps?: readonly Planned[];
  readonly reused?: { readonly stepIds: readonly number[] };
  readonly because?: string;
}

const FINAL = new Set(['WorkflowFailed', 'WorkflowCancelled', 'WorkflowCompleted']);

/** Where a run stands, by nothing but its events: it is over, waits for a person, or has something to do. */
export function standingOf(workflowId: number, events: readonly StoredEvent[]): Standing {
  let planned: readonly Planned[] | undefined;
  let isPaused = false;
  let isStopping = false;
  let isFinal = false;
  const steps = new Map<number, { readonly is: string; readonly data: object }>();
  const parked = new Map<string, object>();
  for (const { type, data } of events) {
    const { stepId, steps: plan, reused, because } = data as unknown as Facts;
    if (FINAL.has(type)) isFinal = true;
    else if (type === 'WorkflowPlanned') {
      planned = plan ?? [];
      for (const id of reused?.stepIds ?? []) steps.set(id, { is: 'settled', data });
    } else if (type === 'WorkflowPaused') {
      isPaused = true;
      for (const [id, { is }] of steps) if (is === 'ready' || is === 'tool' || is === 'limit') steps.delete(id);
    } else if (type === 'WorkflowResumed') isPaused = false;
    else if (type === 'WorkflowStopping') isStopping = true;
    else if (type === 'StepSucceeded' || type === 'StepSkipped') steps.set(stepId, { is: 'settled', data });
    else if (type === 'StepDeadLettered') steps.set(stepId, { is: 'dead-letter', data });
    else if (type === 'ApprovalRequested') steps.set(stepId, { is: 'approval', data });
    else if (type === 'StepWaitsForTool') steps.set(stepId, { is: because === 'limited' ? 'limit' : 'tool', data });
    else if (type === 'StepReady') steps.set(stepId, { is: 'ready', data });
    else if (type === 'StepStarted') steps.set(stepId, { is: 'running', data });
    else if (type === 'StepRetryScheduled') steps.set(stepId, { is: 'retry', data });
    else if (type === 'StepRetryRequested' || type === 'ApprovalGranted') steps.set(stepId, { is: 'to be scheduled', data });
    else if (type === 'EventParked') parked.set(JSON.stringify([data['handler'], data['revision']]), data);
    else if (type === 'ParkedEventReplayed' || type === 'ParkedEventDropped')
      parked.delete(JSON.stringify([data['handler'], data['revision']]));
  }
  const matters: OpenMatter[] = [];
  if (isFinal) return { workflowId, isFinal, waitsForPeople: false, matters, hanging: '' };
  for (const data of parked.values()) matters.push({ kind: 'parked', workflowId, stepId: 0, data });
  if (isPaused && !isStopping) matters.push({ kind: 'pause', workflowId, stepId: 0, data: {} });
  const hanging: string[] = [];
  if (isStopping) hanging.push('it is being stopped');
  if (!planned) hanging.push('it has no plan');
  const idOf = new Map(planned?.map(({ key, stepId }) => [key, stepId]));
  for (const { stepId, dependsOn } of planned ?? []) {
    const { is, data } = steps.get(stepId) ?? { is: 'pending', data: {} };
    if (is === 'approval' || is === 'dead-letter' || is === 'tool') matters.push({ kind: is, workflowId, stepId, data });
    else if (is === 'running') hanging.push(`step ${stepId} runs`);
    else if (is !== 'settled' && !isPaused) {
      const waitsForOthers = is === 'pending' && dependsOn.some((key) => steps.get(idOf.get(key)!)?.is !== 'settled');
      if (!waitsForOthers) hanging.push(`step ${stepId} is ${is}`);
    }
  }
  if (matters.length === 0 && hanging.length === 0) hanging.push('it has nothing to do and does not end');
  return { workflowId, isFinal, waitsForPeople: hanging.length === 0, matters, hanging: hanging.join(', ') };
}

/** The events of each run. */
export function runsIn(events: readonly StoredEvent[]): ReadonlyMap<number, readonly StoredEvent[]> {
  const runs = new Map<number, StoredEvent[]>();
  for (const event of events) {
    if (!event.streamId.startsWith('workflow-')) continue;
    const workflowId = Number(event.streamId.slice('workflow-'.length));
    const run = runs.get(workflowId) ?? [];
    runs.set(workflowId, run);
    run.push(event);
  }
  return runs;
}
