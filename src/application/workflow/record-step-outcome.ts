import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Json } from '../../domain/json.js';
import type { StepError } from '../../domain/workflow/events/workflow-events.js';
import { bySystem, WorkflowDecisions } from './workflow-decisions.js';

interface Attempt {
  readonly workflowId: number;
  readonly stepId: number;
  readonly attempt: number;
  /** Who ran the attempt. */
  readonly worker: string;
  readonly causedBy: string;
}

/** @throws DomainError step.attempt-not-running, workflow.finished: the result comes too late */
export class RecordStepSuccess extends Command<void> {
  constructor(readonly input: Attempt & { readonly output: Json }) {
    super();
  }
}

/** @throws DomainError step.attempt-not-running, workflow.finished: the result comes too late */
export class RecordStepFailure extends Command<void> {
  constructor(readonly input: Attempt & { readonly error: StepError }) {
    super();
  }
}

@CommandHandler(RecordStepSuccess)
export class RecordStepSuccessHandler implements ICommandHandler<RecordStepSuccess> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  async execute({ input: { workflowId, causedBy, ...data } }: RecordStepSuccess): Promise<void> {
    await this.decisions.execute(workflowId, { type: 'RecordStepSuccess', data }, bySystem(data.worker, causedBy));
  }
}

@CommandHandler(RecordStepFailure)
export class RecordStepFailureHandler implements ICommandHandler<RecordStepFailure> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  async execute({ input: { workflowId, causedBy, ...data } }: RecordStepFailure): Promise<void> {
    await this.decisions.execute(workflowId, { type: 'RecordStepFailure', data }, bySystem(data.worker, causedBy));
  }
}
