import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Headers, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { LIVE_TIMELINE, type LiveTimeline } from '../../../application/ports/live-timeline.js';
import { GetWaiting } from '../../../application/queries/get-waiting.js';
import { GetWorkflowEvents } from '../../../application/queries/get-workflow-events.js';
import { isAtEnd } from '../../../domain/workflow/events/workflow-events.js';
import { AnswersProblems, LOG_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { question, workflowPath } from '../requests/parameters.js';
import { presentTimelineEvent } from '../workflows/history.responses.js';
import { EntryFrames } from './entry-frames.js';
import { invalidLastEventId, LAST_EVENT_ID, lastEventIdField, lastEventIdParameter, resumeRevision } from './last-event-id.js';
import { EVENT_STREAM_TIMINGS, type EventStreamTimings } from './event-stream-timings.js';
import { OpenStreams } from './open-streams.js';
import { withWaiting } from './waiting-frames.js';

const streamQuestion = question({
  last_event_id: z.exactOptional(lastEventIdParameter),
  until: z.exactOptional(z.literal('waiting')).meta({ description: 'The stream ends as soon as the run waits for a person.' }),
});

const DESCRIPTION = `Server-sent events: what happened, then what happens. Ends after the run's final event.

A frame has the event's \`id\` (its revision; ids grow, and some are missing), its type as \`event\`, and a \`TimelineEvent\` as one line of JSON in \`data\`. A comment every
15 seconds keeps the connection. After a lost connection, \`${LAST_EVENT_ID}\` resumes exactly: every event once, in order. An id that the run has not reached is refused. When the
final event comes the read models hold it: the run reads as finished (unless they are more than 5 seconds behind). Whenever nothing more happens in the run until a person does something, a frame without an id says so: its event is \`workflow_waiting\`, its data
\`{workflow_id, waiting_for}\`, as the run itself answers; with \`until=waiting\` the stream ends there. To an EventSource (\`Accept: text/event-stream\`) that has seen the final event already the answer is 204, which tells it not to come back.`;

const EXAMPLE = `retry: 2000
: connected

id: 0
event: workflow_started
data: {"id":0,"position":"4711","type":"workflow_started","message":"Workflow started: Create a grocery list","step_id":null,"at":"2026-02-14T10:30:00.000Z","data":{"user_id":1}}

`;

/** A run's timeline, live. */
@ApiTags(TAGS.workflows)
@Controller('api/workflows/:id/stream')
export class WorkflowStreamController {
  constructor(
    private readonly queries: QueryBus,
    @Inject(LIVE_TIMELINE) private readonly timeline: LiveTimeline,
    private readonly streams: OpenStreams,
    @Inject(EVENT_STREAM_TIMINGS) private readonly timings: EventStreamTimings,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Watch a run live', description: DESCRIPTION })
  @ApiHeader({
    name: LAST_EVENT_ID,
    required: false,
    description: 'Only events after the one with this id.',
    schema: { type: 'integer', minimum: 0 },
  })
  @ApiResponse({
    status: 200,
    description: 'The stream.',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  @ApiResponse({ status: 204, description: 'Nothing is to come after the given event.' })
  @AnswersProblems(...LOG_PROBLEMS, 'request.invalid-last-event-id', 'workflow.not-found', 'engine.stopping')
  async streamWorkflow(
    @Param({ schema: workflowPath }) { id: workflowId }: z.infer<typeof workflowPath>,
    @Query({ schema: streamQuestion }) { last_event_id: parameter, until }: z.infer<typeof streamQuestion>,
    @Headers(LAST_EVENT_ID) header: string | undefined,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const after = resumeRevision(header, parameter);
    const isOver = await this.isOverAt(workflowId, after, lastEventIdField(header));
    if (isOver && request.headers.accept?.includes('text/event-stream')) {
      response.writeHead(204).end();
      return;
    }
    await this.streams.serve(request, response, `workflow ${workflowId}`, (signal) => {
      const enough = new AbortController();
      signal.addEventListener('abort', () => enough.abort(), { once: true });
      const entries = this.timeline.follow(workflowId, { signal: enough.signal, ...(after === undefined ? {} : { after }) });
      return withWaiting(workflowId, after, entries, (entry) => frames.textOf(entry), {
        ask: () => this.queries.execute(new GetWaiting(workflowId)),
        quietMs: this.timings.quietMs,
        untilWaiting: until === 'waiting',
        endEntries: () => enough.abort(),
      });
    });
  }

  /**
   * Whether the run's final event is the one given. Asked before the answer begins, so that what is wrong can still be a problem document.
   * @throws DomainError workflow.not-found; RequestRefused request.invalid-last-event-id; EventLogUnavailable
   */
  private async isOverAt(workflowId: number, after: number | undefined, field: string): Promise<boolean> {
    const [event] = await this.queries.execute(new GetWorkflowEvents({ workflowId, from: after ?? 0, limit: 1 }));
    if (after === undefined) return false;
    if (!event) throw invalidLastEventId(field, `is ${after}, which workflow ${workflowId} has not reached`);
    return isAtEnd(event);
  }
}

const frames = new EntryFrames((entry) => ({ id: entry.id, event: entry.type, data: presentTimelineEvent(entry) }));
