import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { workflowStream } from '../workflow/workflow-codec.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { workflowNotFound } from './workflow-not-found.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import type { RecordedEvent } from '../ports/event-log.js';

/** The run's domain events as stored, from a revision on. Read from the log itself. @throws DomainError workflow.not-found */
export class GetWorkflowEvents extends Query<readonly RecordedEvent[]> {
  constructor(readonly question: { readonly workflowId: number; readonly from: number; readonly limit: number }) {
    super();
  }
}

@QueryHandler(GetWorkflowEvents)
export class GetWorkflowEventsHandler implements IQueryHandler<GetWorkflowEvents> {
  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(EVENT_LOG) private readonly log: EventLog,
  ) {}

  async execute({ question: { workflowId, from, limit } }: GetWorkflowEvents): Promise<readonly RecordedEvent[]> {
    const { state } = await this.decisions.read(workflowId);
    if (state.state === undefined) throw workflowNotFound(workflowId);
    const events: RecordedEvent[] = [];
    for await (const event of this.log.readStream(workflowStream(workflowId), { from, limit })) events.push(event);
    return events;
  }
}
