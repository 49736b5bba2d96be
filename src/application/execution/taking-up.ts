import { Inject, Injectable } from '@nestjs/common';
import { LEASES, type Leases } from '../nodes/leases.js';
import type { ToolWait } from '../ports/read-models.js';
import { bySystem } from '../workflow/cause.js';
import { unlessRefused } from '../workflow/unless-refused.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { keyOf } from './attempt.js';
import { StartLimits, type Candidate } from './start-limits.js';
import { StepExecutor } from './step-executor.js';

/** The attempt that follows the one that waits. */
const nextOf = ({ workflowId, stepId, attempt, tool }: ToolWait) => ({ workflowId, stepId, attempt: attempt + 1, tool });

/**
 * Makes steps ready again that waited for what this node has. Where others share the store a step that lacked the tool, or room within a limit, starts here at once, and only if there is a place for it:
 * the run's events may come to a node that still lacks it, where the step would wait again.
 */
@Injectable()
export class TakingUp {
  private readonly listeners = new Set<() => void>();
  private isShort = false;

  constructor(
    private readonly decisions: WorkflowDecisions,
    private readonly executor: StepExecutor,
    private readonly limits: StartLimits,
    @Inject(LEASES) private readonly leases: Leases,
  ) {
    executor.onPlace(() => {
      if (!this.isShort) return;
      this.isShort = false;
      for (const listener of this.listeners) listener();
    });
  }

  /** Calls back when there is a place again after there was none. Returns how to stop that. */
  onPlace(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes up the step if there is room for it here. @throws EventLogUnavailable */
  async takeUp(wait: ToolWait, actor: string): Promise<void> {
    const candidate: Candidate = { key: keyOf(nextOf(wait)), tool: wait.tool, userId: wait.userId };
    const startsHere = this.leases.isShared && wait.because !== 'paused';
    const isCounted = startsHere || wait.because === 'limited';
    if (isCounted && !this.limits.reserve(candidate)) return;
    const giveBack = startsHere ? this.executor.keepPlace(nextOf(wait)) : undefined;
    let isReady = false;
    try {
      if (startsHere ? !giveBack : this.executor.isCrowded) this.isShort = true;
      else isReady = await this.offer(wait, actor);
    } finally {
      giveBack?.();
      if (isCounted && !isReady) this.limits.release(candidate.key);
    }
  }

  /** Makes the step ready for whichever node it comes to. Answers whether it is. @throws EventLogUnavailable */
  offer({ workflowId, stepId, attempt }: ToolWait, actor: string): Promise<boolean> {
    return unlessRefused(this.decisions, workflowId, { type: 'OfferTool', data: { stepId, attempt } }, bySystem(actor));
  }
}
