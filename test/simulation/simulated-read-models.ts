import type { ToolLack } from '../../src/domain/workflow/lifecycle.js';
import type {
  PendingTimer,
  ReadModelProgress,
  TimersReader,
  ToolOfNode,
  ToolWait,
  ToolWaitsReader,
} from '../../src/application/ports/read-models.js';
import type { Random } from './random.js';
import type { SimulatedLog, StoredEvent } from './simulated-log.js';
import { WORLD, type Owner, type VirtualClock } from './virtual-clock.js';

interface Wait extends ToolWait {
  readonly since: string;
}

interface Facts {
  readonly workflowId: number;
  readonly stepId: number;
  readonly attempt: number;
  readonly at: string;
  readonly dueAt: string;
  readonly until: string;
  readonly startAt?: string;
  readonly deadline?: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly because: ToolLack;
  readonly userId: number;
  readonly cause?: string;
  readonly byHand?: object;
}

const STOPS = new Set(['WorkflowStopping', 'WorkflowCancelled', 'WorkflowFailed', 'WorkflowCompleted']);

/** The read models that the engine acts by, one database for all workers: right, but late. */
export class SimulatedReadModels {
  private readonly timers = new Map<string, PendingTimer>();
  private readonly waits = new Map<string, Wait>();
  private readonly listeners = new Set<{ readonly owner: Owner; readonly listener: () => void }>();
  private folded = 0;
  private isPlanned = false;

  constructor(
    private readonly log: SimulatedLog,
    private readonly clock: VirtualClock,
    private readonly random: Random,
  ) {
    log.listeners.push(() => this.plan());
  }

  /** As one worker reads them. */
  of(owner: Owner): TimersReader & ToolWaitsReader & ReadModelProgress {
    const isOne =
      (tools: readonly ToolOfNode[]) =>
      ({ tool, toolVersion }: ToolWait): boolean =>
        tools.some((one) => one.tool === tool && one.toolVersion === toolVersion);
    const answer = <T>(look: () => T): Promise<T> =>
      new Promise((resolve) => {
        this.clock.plan(this.random.between(0.2, 5), owner, () => resolve(look()));
      });
    const waiting = (holds: (wait: Wait) => boolean): Promise<Wait[]> => answer(() => [...this.waits.values()].filter(holds));
    return {
      next: () => answer(() => [...this.timers.values()].sort((a, b) => a.dueAt - b.dueAt)),
      of: (tools) => waiting((wait) => wait.because !== 'limited' && isOne(tools)(wait)),
      limited: (tools, except) => waiting((wait) => wait.because === 'limited' && isOne(tools)(wait) && !except.includes(wait.userId)),
      limitedOfOthers: (tools, before) => waiting((wait) => wait.because === 'limited' && !isOne(tools)(wait) && wait.since < before),
      waitFor: () => Promise.resolve(true),
      position: () => answer(() => BigInt(this.folded)),
      onCommit: (listener) => {
        const heard = { owner, listener };
        this.listeners.add(heard);
        return () => void this.listeners.delete(heard);
      },
    };
  }

  private plan(): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    const lag = this.random.chance(0.1) ? this.random.between(50, 1_500) : this.random.between(1, 40);
    this.clock.plan(lag, WORLD, () => {
      this.isPlanned = false;
      let isChanged = false;
      for (; this.folded < this.log.events.length; this.folded++) isChanged = this.fold(this.log.events[this.folded]!) || isChanged;
      if (!isChanged) return;
      for (const { owner, listener } of this.listeners) this.clock.plan(this.random.between(0.1, 3), owner, listener);
    });
  }

  private fold({ streamId, type, data }: StoredEvent): boolean {
    if (!streamId.startsWith('workflow-')) return false;
    const facts = data as unknown as Facts;
    const { workflowId, stepId, attempt } = facts;
    const ofStep = `${workflowId}/${stepId}`;
    const time = (kind: 'start' | 'deadline' | 'stop', dueAt: string): void =>
      void this.timers.set(`${workflowId}/${kind}`, { kind, workflowId, stepId: 0, attempt: 0, dueAt: Date.parse(dueAt) });
    const forgetRun = (rows: Map<string, { readonly workflowId: number }>): void => {
      for (const [key, row] of rows) if (row.workflowId === workflowId) rows.delete(key);
    };
    if (type === 'WorkflowSubmitted') {
      if (facts.startAt !== undefined) time('start', facts.startAt);
      if (facts.deadline !== undefined) time('deadline', facts.deadline);
    } else if (type === 'StartTimeReached') {
      this.timers.delete(`${workflowId}/start`);
    } else if (type === 'StepRetryScheduled') {
      this.timers.set(ofStep, { kind: 'retry', workflowId, stepId, attempt, dueAt: Date.parse(facts.dueAt) });
    } else if (type === 'StepReady' && attempt > 1) {
      this.timers.delete(ofStep);
      this.waits.delete(ofStep);
    } else if (type === 'StepWaitsForTool') {
      const { tool, toolVersion, because, at: since, userId } = facts;
      this.waits.set(ofStep, { workflowId, stepId, attempt, tool, toolVersion, because, since, userId });
    } else if (
      type === 'StepRetryRequested' ||
      type === 'StepDeadLettered' ||
      (type === 'StepSkipped' && facts.cause === 'person') ||
      (type === 'StepSucceeded' && facts.byHand)
    ) {
      this.waits.delete(ofStep);
    } else if (type === 'WorkflowPaused') {
      forgetRun(this.waits);
    } else if (STOPS.has(type)) {
      forgetRun(this.timers);
      forgetRun(this.waits);
      if (type === 'WorkflowStopping') time('stop', facts.until);
    } else {
      return false;
    }
    return true;
  }
}
