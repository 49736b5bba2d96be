import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { METRICS, type Metrics } from '../../../application/ports/metrics.js';
import { TAGS } from '../openapi/openapi-document.js';

/** What the engine counts of itself, for Prometheus. */
@ApiTags(TAGS.operations)
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get()
  @ApiOperation({ summary: 'Metrics in the Prometheus text format' })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'The metrics.', schema: { type: 'string' } })
  async getMetrics(@Res() response: ServerResponse): Promise<void> {
    const text = await this.metrics.render();
    response.writeHead(200, { 'Content-Type': this.metrics.contentType });
    response.end(text);
  }
}
