import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { Answers } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { originOf } from './request-origin.js';
import { LINKS, PRODUCT, SENTENCE, START_PAGE_POLICY, startPage } from './start-page.js';

export const indexSchema = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    links: z.strictObject({ documentation: z.string(), openapi: z.string(), readiness: z.string(), metrics: z.string() }),
  })
  .meta({ id: 'Index' });

const INDEX: z.infer<typeof indexSchema> = {
  name: PRODUCT,
  description: SENTENCE,
  links: {
    documentation: LINKS.documentation.path,
    openapi: LINKS.openapi.path,
    readiness: LINKS.readiness.path,
    metrics: LINKS.metrics.path,
  },
};

/** The part of an Express request that negotiates. */
type Negotiable = IncomingMessage & { accepts(types: string[]): string | false };

/** Greets who opens the address of the service. */
@ApiTags(TAGS.operations)
@Controller()
export class StartPageController {
  @Get()
  @ApiOperation({ summary: 'Where to go from here', description: 'A page for people; an index for `Accept: application/json`.' })
  @Answers(200, 'The index; the page is `text/html`.', indexSchema)
  getStart(@Req() request: Negotiable, @Res() response: ServerResponse): void {
    // Who takes anything, as curl and browsers do, gets the page.
    const isProgram = request.accepts(['html', 'json']) === 'json' && !request.headers.accept?.includes('html');
    const body = isProgram ? JSON.stringify(INDEX) : startPage(originOf(request));
    if (!isProgram) response.setHeader('Content-Security-Policy', START_PAGE_POLICY);
    response.writeHead(200, {
      'Content-Type': isProgram ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      // It names the host that was asked.
      'Cache-Control': 'no-store',
      Vary: 'Accept',
    });
    response.end(body);
  }
}
