import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListTools } from '../../../application/queries/list-tools.js';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import type { ToolManifest } from '../../../domain/tool/tool-manifest.js';
import { isIrreversible } from '../../../domain/tool/undo.js';
import { Answers, AnswersProblems } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { plainQuestion } from '../requests/parameters.js';
import { jsonObject } from '../responses/member-schemas.js';

const toolSchema = z
  .strictObject({
    name: z.string().meta({ example: 'job_search' }),
    version: z.string(),
    description: z.string(),
    risk_level: z.enum(RISK_LEVELS),
    effect: z.enum(['read-only', 'idempotent', 'non-idempotent']).meta({ description: 'What a second call with the same key does.' }),
    timeout_ms: z.int(),
    retry: z.strictObject({
      max_attempts: z.int().meta({ description: 'Attempts in all, the first included.' }),
      initial_delay_ms: z.number(),
      multiplier: z.number(),
      max_delay_ms: z.number(),
      jitter: z.number().meta({ description: 'Share of the delay that is random, 0 to 1.' }),
    }),
    concurrency: z.int().meta({ description: 'Calls at once in one process.' }),
    rate: z
      .strictObject({ calls: z.int(), per_ms: z.int() })
      .nullable()
      .meta({ description: 'Calls that begin within any such time in one process; null where there is no limit.' }),
    input_schema: jsonObject.meta({ description: 'JSON Schema (2020-12) of the arguments.' }),
    output_schema: jsonObject.meta({ description: 'JSON Schema (2020-12) of the output.' }),
    undo: z
      .strictObject({
        tool: z.string().meta({ example: 'calendar_cancel' }),
        args: jsonObject.meta({
          description:
            'Its arguments, in which `{"$from": "args" | "output", "path": "/json/pointer"}` stands for a part of the arguments or the output of the call that is undone.',
        }),
      })
      .nullable()
      .meta({ description: 'The call that undoes a call of the tool.' }),
    irreversible: z.boolean().meta({ description: 'It has an effect and no undo.' }),
    summary: z.string().nullable().meta({
      description:
        'How a call reads for a person: `{/json/pointer}` stands for an argument, and what is in brackets is left out where an argument in it is missing. Approvals have it filled in.',
      example: 'Send an e-mail to {/recipient}: {/subject}',
    }),
    shows: z.array(z.string()).meta({ description: 'JSON Pointers to the arguments that matter most to a person, in order.' }),
  })
  .meta({ id: 'Tool' });

const toolsSchema = z.array(toolSchema);

const present = (tool: ToolManifest): z.infer<typeof toolSchema> => ({
  name: tool.name,
  version: tool.version,
  description: tool.description,
  risk_level: tool.riskLevel,
  effect: tool.effect,
  timeout_ms: tool.timeoutMs,
  retry: {
    max_attempts: tool.retry.maxAttempts,
    initial_delay_ms: tool.retry.initialDelayMs,
    multiplier: tool.retry.multiplier,
    max_delay_ms: tool.retry.maxDelayMs,
    jitter: tool.retry.jitter,
  },
  concurrency: tool.concurrency,
  rate: tool.rate ? { calls: tool.rate.calls, per_ms: tool.rate.perMs } : null,
  input_schema: tool.inputSchema,
  output_schema: tool.outputSchema,
  undo: tool.undo ? { tool: tool.undo.tool, args: tool.undo.args } : null,
  irreversible: isIrreversible(tool),
  summary: tool.summary ?? null,
  shows: [...(tool.shows ?? [])],
});

/** What steps can call. */
@ApiTags(TAGS.tools)
@Controller('api/tools')
export class ToolsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'The tool catalogue, by name' })
  @Answers(200, 'All tools.', toolsSchema)
  @AnswersProblems('request.invalid')
  async listTools(@Query({ schema: plainQuestion }) _query: z.infer<typeof plainQuestion>): Promise<z.infer<typeof toolsSchema>> {
    return (await this.queries.execute(new ListTools())).map(present);
  }
}
