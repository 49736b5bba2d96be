import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { stepsToApprove } from '../../domain/workflow/decisions/schedule-ready-steps.js';
import { ApprovalAddresses } from './approval-addresses.js';
import { bySystem, WorkflowDecisions } from './workflow-decisions.js';

/** Makes every step ready (or asks for its approval, or skips it) whose dependencies are settled. */
export class ScheduleReadySteps extends Command<void> {
  constructor(readonly input: { readonly workflowId: number; readonly causedBy?: string }) {
    super();
  }
}

@CommandHandler(ScheduleReadySteps)
export class ScheduleReadyStepsHandler implements ICommandHandler<ScheduleReadySteps> {
  /** One pass at a time for each run, so that two do not ask for the same approval; a pass that is asked for meanwhile waits for the next. */
  private readonly passes = new Map<number, { current: Promise<void>; next?: Promise<void> }>();

  constructor(
    private readonly decisions: WorkflowDecisions,
    private readonly addresses: ApprovalAddresses,
  ) {}

  execute({ input: { workflowId, causedBy } }: ScheduleReadySteps): Promise<void> {
    const pass = this.passes.get(workflowId);
    if (!pass) {
      const current = this.pass(workflowId, causedBy).finally(() => this.passes.delete(workflowId));
      this.passes.set(workflowId, { current });
      return current;
    }
    pass.next ??= pass.current
      .catch(() => undefined)
      .then(() => this.execute(new ScheduleReadySteps({ workflowId, ...(causedBy === undefined ? {} : { causedBy }) })));
    return pass.next;
  }

  private async pass(workflowId: number, causedBy: string | undefined): Promise<void> {
    const cause = bySystem('scheduler', causedBy);
    let approvalIds = new Map<number, number>();
    for (;;) {
      const { events, state } = await this.decisions.execute(workflowId, { type: 'ScheduleReadySteps', data: { approvalIds } }, cause);
      if (state.queue.size === 0) return;
      const asking = stepsToApprove(state).filter((stepId) => !approvalIds.has(stepId));
      if (events.length === 0 && asking.length === 0) return;
      approvalIds = new Map([...approvalIds, ...(await this.assign(workflowId, asking))]);
    }
  }

  /** Approval ids for the steps, or for some of them: one that is not assigned does not undo the others. @throws EventLogUnavailable where there is none for any of them */
  private async assign(workflowId: number, steps: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const outcomes = await Promise.allSettled(steps.map((stepId) => this.addresses.assign({ workflowId, stepId })));
    const assigned = new Map<number, number>();
    for (const [index, outcome] of outcomes.entries()) if (outcome.status === 'fulfilled') assigned.set(steps[index]!, outcome.value);
    const fault = outcomes.find((outcome) => outcome.status === 'rejected');
    if (assigned.size === 0 && fault) throw fault.reason;
    return assigned;
  }
}
