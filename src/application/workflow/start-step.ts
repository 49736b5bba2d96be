import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { JsonObject } from '../../domain/json.js';
import { stepOf } from '../../domain/workflow/workflow.state.js';
import { DEFAULT_TIME_ZONE } from './default-time-zone.js';
import { bySystem, WorkflowDecisions } from './workflow-decisions.js';

/** The attempt after the command: started now, or running already at the worker named. */
export interface StartedAttempt {
  readonly startedNow: boolean;
  readonly worker: string;
  readonly args: JsonObject;
  /** The run's: an IANA name. */
  readonly timeZone: string;
}

/** Records that an attempt starts, before the tool is called. @throws DomainError step.not-ready, workflow.finished */
export class StartStep extends Command<StartedAttempt> {
  constructor(
    readonly input: {
      readonly workflowId: number;
      readonly stepId: number;
      readonly attempt: number;
      readonly worker: string;
      readonly causedBy: string;
    },
  ) {
    super();
  }
}

@CommandHandler(StartStep)
export class StartStepHandler implements ICommandHandler<StartStep> {
  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(DEFAULT_TIME_ZONE) private readonly defaultTimeZone: string,
  ) {}

  async execute({ input: { workflowId, causedBy, ...data } }: StartStep): Promise<StartedAttempt> {
    const { events, state } = await this.decisions.execute(workflowId, { type: 'StartStep', data }, bySystem(data.worker, causedBy));
    const step = stepOf(state, data.stepId)!;
    return { startedNow: events.length > 0, worker: step.worker!, args: step.args!, timeZone: state.timeZone ?? this.defaultTimeZone };
  }
}
