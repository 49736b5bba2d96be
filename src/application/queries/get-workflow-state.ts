import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { describeWorkflow } from '../replay/describe-workflow.js';
import { replayTo } from '../replay/replay-workflow.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import type { JsonObject } from '../../domain/json.js';

/**
 * The run as it was after a revision, or at a time (ISO 8601), or now: a fold of the log, independent of the read models. Snake-case JSON of the same
 * shape as the run itself, with its approvals.
 * @throws DomainError workflow.not-found; ApplicationError revision.not-found
 */
export class GetWorkflowState extends Query<JsonObject> {
  constructor(readonly question: { readonly workflowId: number; readonly revision?: number; readonly at?: string }) {
    super();
  }
}

@QueryHandler(GetWorkflowState)
export class GetWorkflowStateHandler implements IQueryHandler<GetWorkflowState> {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  async execute({ question: { workflowId, revision, at } }: GetWorkflowState): Promise<JsonObject> {
    const snapshot = await replayTo(this.log, workflowId, {
      ...(revision === undefined ? {} : { revision }),
      ...(at === undefined ? {} : { at }),
    });
    return describeWorkflow(snapshot);
  }
}
