import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, Get, Headers, Inject, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { LIVE_TIMELINE, type LiveTimeline, type RunsItem } from '../../../application/ports/live-timeline.js';
import { GetLogPosition } from '../../../application/queries/get-log-position.js';
import { TIMELINE_TYPES, type TimelineType } from '../../../domain/workflow/timeline.js';
import { AnswersProblems, LOG_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { idParameter } from '../requests/parameters.js';
import { presentTimelineEvent } from '../workflows/history.responses.js';
import { EntryFrames } from './entry-frames.js';
import { textOf } from './event-stream-response.js';
import { invalidLastEventId, LAST_EVENT_ID, lastEventIdField, lastEventIdParameter, resumePosition } from './last-event-id.js';
import { OpenStreams } from './open-streams.js';

const isTimelineType = (word: string): word is TimelineType => (TIMELINE_TYPES as readonly string[]).includes(word);

const typesParameter = z
  .string({ error: 'must be given once' })
  .transform((text, context): ReadonlySet<TimelineType> => {
    const words = text.split(',');
    const unknown = words.find((word) => !isTimelineType(word));
    if (unknown === undefined) return new Set(words.filter(isTimelineType));
    const message = `must be timeline types separated by commas, and "${unknown}" is none: there are ${TIMELINE_TYPES.join(', ')}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({
    type: 'string',
    description: `Only entries of these types, separated by commas (\`approval_required,workflow_complete\`): ${TIMELINE_TYPES.map((type) => `\`${type}\``).join(', ')}.`,
  });

const streamQuestion = z.strictObject({
  user_id: z.exactOptional(idParameter('Only runs of this user.')),
  types: z.exactOptional(typesParameter),
  last_event_id: z.exactOptional(lastEventIdParameter),
});

const DESCRIPTION = `Server-sent events: what happens in all runs from now on. It ends only when the engine stops.

A frame has the event's position in the log as its \`id\`, its type as \`event\`, and a \`TimelineEvent\` with the \`workflow_id\` of its run as one line of JSON in \`data\`.
\`${LAST_EVENT_ID}\` resumes exactly after a lost connection: every event once, in order; \`0\` gives everything from the log's beginning. An id that the log has not reached is
refused. The first frame, and some between where a filter leaves much out, have an \`id\` only: an EventSource shows nothing of them and resumes there. A comment every 15 seconds
keeps the connection.`;

const EXAMPLE = `retry: 2000
: connected

id: 4710

id: 4711
event: workflow_started
data: {"id":0,"position":"4711","type":"workflow_started","message":"Workflow started: Create a grocery list","step_id":null,"at":"2026-02-14T10:30:00.000Z","data":{"user_id":1},"workflow_id":1}

`;

/** The timeline of all runs, live. */
@ApiTags(TAGS.workflows)
@Controller('api/stream')
export class AllRunsStreamController {
  constructor(
    private readonly queries: QueryBus,
    @Inject(LIVE_TIMELINE) private readonly timeline: LiveTimeline,
    private readonly streams: OpenStreams,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Watch all runs live', description: DESCRIPTION })
  @ApiHeader({
    name: LAST_EVENT_ID,
    required: false,
    description: 'Only events after the one with this id; `0` for all there are.',
    schema: { type: 'integer', minimum: 0 },
  })
  @ApiResponse({
    status: 200,
    description: 'The stream.',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  @AnswersProblems(...LOG_PROBLEMS, 'request.invalid-last-event-id', 'engine.stopping')
  async streamAllRuns(
    @Query({ schema: streamQuestion }) { user_id: userId, types, last_event_id: parameter }: z.infer<typeof streamQuestion>,
    @Headers(LAST_EVENT_ID) header: string | undefined,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const after = resumePosition(header, parameter);
    // Asked before the answer begins, so that what is wrong can still be a problem document.
    if (after !== undefined && after > (await this.queries.execute(new GetLogPosition())))
      throw invalidLastEventId(lastEventIdField(header), `is ${after}, which the log has not reached`);
    const asked = {
      ...(after === undefined ? {} : { after }),
      ...(userId === undefined ? {} : { userId }),
      ...(types === undefined ? {} : { types }),
    };
    await this.streams.serve(request, response, 'all runs', (signal) => framesOf(this.timeline.followAll({ ...asked, signal })));
  }
}

const frames = new EntryFrames((entry) => ({
  id: entry.position,
  event: entry.type,
  data: { ...presentTimelineEvent(entry), workflow_id: entry.workflowId },
}));

async function* framesOf(items: AsyncIterable<RunsItem>): AsyncGenerator<string> {
  for await (const item of items) yield item.kind === 'position' ? textOf({ id: item.position }) : frames.textOf(item.entry);
}
