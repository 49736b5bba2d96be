import type { ServerResponse } from 'node:http';
import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { messageOf } from '../../../application/message-of.js';
import { HEALTH_CHECKS, type HealthCheck } from '../../../application/ports/health.js';
import { Answers } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';

/** How long one check may take, in milliseconds. */
export const HEALTH_CHECK_LIMIT_MS = Symbol('HealthCheckLimitMs');

const liveSchema = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Liveness' });

const checkSchema = z.strictObject({
  status: z.enum(['ok', 'failed']),
  error: z.exactOptional(z.string()),
  detail: z.exactOptional(z.string()),
});

const readySchema = z
  .strictObject({ status: z.enum(['ok', 'unavailable']), checks: z.record(z.string(), checkSchema) })
  .meta({ id: 'Readiness', example: { status: 'ok', checks: { 'event-store': { status: 'ok' } } } });

/** The first line, shortened: enough for a person, and no stack. */
const reasonOf = (error: unknown): string => messageOf(error).split('\n', 1)[0]!.slice(0, 200) || 'failed without a reason';

/** Whether the process runs, and whether what it depends on is usable. */
@ApiTags(TAGS.operations)
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HEALTH_CHECKS) private readonly checks: readonly HealthCheck[],
    @Inject(HEALTH_CHECK_LIMIT_MS) private readonly limitMs: number,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process runs' })
  @Answers(200, 'It does.', liveSchema)
  getLiveness(): z.infer<typeof liveSchema> {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether what the engine depends on is usable' })
  @Answers(200, 'It is.', readySchema)
  @Answers(503, 'Something is not.', readySchema)
  async getReadiness(@Res({ passthrough: true }) response: ServerResponse): Promise<z.infer<typeof readySchema>> {
    const results = await Promise.all(this.checks.map(async (check) => [check.name, await this.run(check)] as const));
    const ready = results.every(([, { status }]) => status === 'ok');
    if (!ready) response.statusCode = HttpStatus.SERVICE_UNAVAILABLE;
    return { status: ready ? 'ok' : 'unavailable', checks: Object.fromEntries(results) };
  }

  private async run(dependency: HealthCheck): Promise<z.infer<typeof checkSchema>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${this.limitMs} ms`)), this.limitMs);
    });
    try {
      const detail = await Promise.race([dependency.check(), late]);
      return { status: 'ok', ...(typeof detail === 'string' && { detail }) };
    } catch (error) {
      return { status: 'failed', error: reasonOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
