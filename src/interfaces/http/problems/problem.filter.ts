import type { IncomingMessage, ServerResponse } from 'node:http';
import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { LOGGER, type Logger } from '../../../application/ports/logger.js';
import { allowedMethods, type ExpressRoutes } from './allowed-methods.js';
import { explain, type Explanation } from './explain.js';
import { RETRY_AFTER_SECONDS } from './problem-codes.js';
import { PROBLEM_MEDIA_TYPE, pathOf, problemOf } from './problem.js';

const UNEXPECTED: Explanation = { code: 'internal', detail: 'Something went wrong inside the engine. Its log says more.', errors: [] };

/** The one place where errors become answers: problem documents with a stable code, and never a stack or a cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly adapters: HttpAdapterHost,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<IncomingMessage & { readonly originalUrl?: string }>();
    const response = http.getResponse<ServerResponse>();
    const path = pathOf(request.originalUrl ?? request.url);
    const known = explain(error);
    if (!known) this.logger.error(`${request.method ?? ''} ${path} failed`, error);
    if (response.headersSent) {
      // Half an answer is out: only a broken connection tells the client that the rest is missing.
      response.destroy();
      return;
    }
    const { code, detail, errors } = this.refined(known ?? UNEXPECTED, path, response);
    const problem = problemOf(code, detail, path, errors);
    const retryAfter = RETRY_AFTER_SECONDS[code];
    if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
    const body = JSON.stringify(problem);
    response.writeHead(problem.status, { 'Content-Type': PROBLEM_MEDIA_TYPE, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  }

  /** A path that exists for other methods is not unknown: it says which ones it takes. */
  private refined(explanation: Explanation, path: string, response: ServerResponse): Explanation {
    if (explanation.code !== 'route.not-found') return explanation;
    const methods = allowedMethods(this.adapters.httpAdapter.getInstance<ExpressRoutes>(), path);
    if (methods.length === 0) return explanation;
    response.setHeader('Allow', methods.join(', '));
    return { code: 'route.method-not-allowed', detail: `This path takes ${methods.join(', ')}.`, errors: [] };
  }
}
