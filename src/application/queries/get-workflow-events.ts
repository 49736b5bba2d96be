import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { submissionOf } from '../workflow/submission.js';
import { workflowStream } from '../workflow/workflow-codec.js';
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
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  async execute({ question: { workflowId, from, limit } }: GetWorkflowEvents): Promise<readonly RecordedEvent[]> {
    if (!(await submissionOf(this.log, workflowId))) throw workflowNotFound(workflowId);
    const events: RecordedEvent[] = [];
    for await (const event of this.log.readStream(workflowStream(workflowId), { from, limit })) events.push(event);
    return events;
  }
}
