import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isFinalRunState } from '../../domain/workflow/lifecycle.js';
import { stepsToApprove } from '../../domain/workflow/decisions/schedule-ready-steps.js';
import { ApprovalAddresses } from './approval-addresses.js';
import { bySystem, type Cause } from './cause.js';
import type { InlineCommand } from './inline-reactions.js';
import { WorkflowDecisions } from './workflow-decisions.js';
import type { WorkflowSnapshot } from './workflow-history.js';

interface Scheduling {
  readonly workflowId: number;
  readonly causedBy?: string;
  /** Place of the event that made it necessary, in the run's stream. */
  readonly revision?: number;
}

/** Makes every step ready (or asks for its approval, or skips it) whose dependencies are settled. */
export class ScheduleReadySteps extends Command<void> {
  constructor(readonly input: Scheduling) {
    super();
  }

  /** As far as it needs nothing but the run: steps that need an approval are left, for they need an id for it. */
  get inline(): InlineCommand {
    return { command: { type: 'ScheduleReadySteps', data: { approvalIds: new Map() } }, cause: causeOf(this.input) };
  }
}

/** Whether a run as it is known has nothing to be looked at, and is known as it was after the event or later: what the event made possible has been dealt with. */
export const isScheduled = ({ revision }: Scheduling, known: WorkflowSnapshot | undefined): boolean =>
  known !== undefined &&
  revision !== undefined &&
  known.revision >= revision &&
  (known.state.queue.size === 0 || isFinalRunState(known.state.state!));

/** What is made necessary by both: a pass that knows the run as it was after the later event. */
const joined = (one: Scheduling, other: Scheduling): Scheduling =>
  one.revision === undefined || (other.revision !== undefined && other.revision <= one.revision) ? one : other;

/** A pass over a run, and what the next one is for. */
interface Passes {
  readonly current: Promise<void>;
  next?: { input: Scheduling; readonly done: Promise<void> };
}

const causeOf = ({ causedBy }: Scheduling): Cause => bySystem('scheduler', causedBy);

@CommandHandler(ScheduleReadySteps)
export class ScheduleReadyStepsHandler implements ICommandHandler<ScheduleReadySteps> {
  /** One pass at a time for each run, so that two do not ask for the same approval; a pass that is asked for meanwhile waits for the next. */
  private readonly passes = new Map<number, Passes>();

  constructor(
    private readonly decisions: WorkflowDecisions,
    private readonly addresses: ApprovalAddresses,
  ) {}

  execute({ input }: ScheduleReadySteps): Promise<void> {
    const { workflowId } = input;
    if (isScheduled(input, this.decisions.lastKnown(workflowId))) return Promise.resolve();
    const pass = this.passes.get(workflowId);
    if (!pass) {
      const current = this.pass(input).finally(() => this.passes.delete(workflowId));
      this.passes.set(workflowId, { current });
      return current;
    }
    pass.next ??= { input, done: pass.current.catch(() => undefined).then(() => this.execute(new ScheduleReadySteps(pass.next!.input))) };
    pass.next.input = joined(pass.next.input, input);
    return pass.next.done;
  }

  private async pass(input: Scheduling): Promise<void> {
    const { workflowId } = input;
    const cause = causeOf(input);
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
