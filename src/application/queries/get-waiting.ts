import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { MOST_WAITS_LISTED, standsStill, waitsOf, type Wait } from '../../domain/workflow/waiting.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';

export interface Waiting {
  /** Of the run's last event. */
  readonly revision: number;
  /** What holds the run, where nothing more happens in it until a person does something; else nothing. */
  readonly waits: readonly Wait[];
}

/** What a run waits for, by the log. @throws EventLogUnavailable */
export class GetWaiting extends Query<Waiting> {
  constructor(readonly workflowId: number) {
    super();
  }
}

@QueryHandler(GetWaiting)
export class GetWaitingHandler implements IQueryHandler<GetWaiting> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  async execute({ workflowId }: GetWaiting): Promise<Waiting> {
    const { state, revision } = await this.decisions.read(workflowId);
    return { revision, waits: standsStill(state) ? waitsOf(state).slice(0, MOST_WAITS_LISTED) : [] };
  }
}
