import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { ConsoleFiles } from './console/console-files.js';
import { serveConsole } from './console/console.middleware.js';
import { createOpenApiDocument } from './openapi/openapi-document.js';
import { answerConnectionProblems } from './problems/connection-problems.js';
import { checkHost, type AllowedHosts } from './requests/allowed-hosts.middleware.js';
import { readJsonBody } from './requests/json-body.middleware.js';

/** Longest request line with headers, in bytes: an intent of 2,000 characters may take 18,000 bytes in a query. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Sets up what an application with the HttpModule needs outside of it, before it listens: reading bodies, protection of browsers, problem documents for
 * what is no request, and the API's documentation. Installs no signal handlers: ending the process is the caller's.
 * @param console the built console; without it the start page greets people
 */
export function configureHttp(app: INestApplication, allowed: AllowedHosts, console?: ConsoleFiles): void {
  const express = app as NestExpressApplication;
  express.set('etag', false);
  express.set('query parser', 'simple');
  express.useSecurityHeaders({
    // Served over plain HTTP on the loopback interface: what TLS needs is the business of the proxy that does it.
    contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
    strictTransportSecurity: false,
  });
  express.use(checkHost(allowed));
  // A submission may be a POST without a body, which any page could otherwise send from a browser beside the engine.
  express.enableCsrfProtection({ trustedOrigins: [...allowed.publicOrigins] });
  if (console) express.use(serveConsole(console));
  express.use(readJsonBody);

  const server = app.getHttpServer() as Server & { maxHeaderSize?: number };
  // Nest creates the server; Node reads the limit from it for each connection.
  server.maxHeaderSize = MAX_HEADER_BYTES;
  answerConnectionProblems(server);

  SwaggerModule.setup('docs', app, () => createOpenApiDocument(app), {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
    customSiteTitle: 'Life OS Workflow Engine',
    swaggerOptions: { tryItOutEnabled: true, validatorUrl: 'none' },
  });
}
