import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { NodeView } from '../../../application/ports/nodes.js';
import { ListNodes } from '../../../application/queries/list-nodes.js';
import { Answers, AnswersProblems } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { nothing } from '../requests/parameters.js';
import { time } from '../responses/member-schemas.js';

const nodeSchema = z
  .strictObject({
    worker: z.string().meta({ description: 'Its name, anew with each start; `worker` of the attempts that it runs.' }),
    host: z.string(),
    pid: z.int().min(1),
    version: z.string().meta({ description: "The engine's." }),
    started_at: time,
    is_self: z.boolean().meta({ description: 'It is the node that answers.' }),
    lease: z
      .enum(['held', 'over'])
      .meta({ description: '`over`: it has not renewed its lease, and the attempts that it ran are interrupted.' }),
    lease_ms: z.int().meta({ description: 'How long a lease lasts, in milliseconds.' }),
    renewed_at: time.meta({ description: 'By its own clock.' }),
    seen_ago_ms: z.int().min(0).meta({ description: 'Since the answering node last saw it renew its lease, in milliseconds.' }),
    running: z.int().min(0).meta({ description: 'Attempts that it ran when it last told.' }),
    capacity: z.int().min(0).meta({ description: 'Attempts that it can run at once.' }),
  })
  .meta({ id: 'Node' });

const nodesSchema = z.strictObject({ items: z.array(nodeSchema) }).meta({ id: 'Nodes' });

const present = ({
  worker,
  host,
  pid,
  version,
  startedAt,
  isSelf,
  isGone,
  leaseMs,
  at,
  seenAgoMs,
  running,
  capacity,
}: NodeView): z.infer<typeof nodeSchema> => ({
  ...{ worker, host, pid, version, started_at: startedAt, is_self: isSelf, lease: isGone ? 'over' : 'held', lease_ms: leaseMs },
  ...{ renewed_at: at, seen_ago_ms: Math.round(seenAgoMs), running, capacity },
});

/** Who shares the work. */
@ApiTags(TAGS.operations)
@Controller('api/nodes')
export class NodesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'List the nodes that share the event store, with their leases and load' })
  @Answers(200, 'The nodes, longest there first.', nodesSchema)
  @AnswersProblems('request.invalid')
  async listNodes(@Query({ schema: nothing }) _query: object): Promise<z.infer<typeof nodesSchema>> {
    return { items: (await this.queries.execute(new ListNodes())).map(present) };
  }
}
