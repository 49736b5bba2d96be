import { HttpException } from '@nestjs/common';
import { ApplicationError, PlanningRefused, type PlannerCode } from '../../../application/application.errors.js';
import { NewerEvent } from '../../../application/newer-event.js';
import { EventLogUnavailable } from '../../../application/ports/event-log.js';
import { DomainError } from '../../../domain/workflow/workflow.errors.js';
import { pointerToPart } from './input-part.js';
import type { ProblemCode } from './problem-codes.js';
import type { FieldError } from './problem.js';
import { RequestRefused } from './request-refused.js';

/** What a caller may know of an error. */
export interface Explanation {
  readonly code: ProblemCode | PlannerCode;
  readonly detail: string;
  readonly errors: readonly FieldError[];
}

const without = (code: ProblemCode, detail: string): Explanation => ({ code, detail, errors: [] });

/** Errors of Nest and Express themselves. Others than these say nothing about the request, so they are unexpected. */
function explainFramework(error: HttpException): Explanation | undefined {
  const status: number = error.getStatus();
  if (status === 400) {
    const isPath = error.cause instanceof URIError;
    return without('request.malformed', isPath ? 'The path is not valid percent-encoding.' : 'The request cannot be understood.');
  }
  if (status === 403) return without('request.cross-origin', 'A page of another origin must not send this request.');
  return status === 404 ? without('route.not-found', 'There is nothing at this path.') : undefined;
}

/** The problem that an error is to the caller; undefined for what is nobody's business but the operator's. */
export function explain(error: unknown): Explanation | undefined {
  if (error instanceof RequestRefused) return { code: error.code, detail: error.message, errors: error.errors };
  if (error instanceof DomainError) {
    const errors = error.part === undefined ? [] : [{ field: pointerToPart(error.part), message: error.message }];
    return { code: error.code, detail: error.message, errors };
  }
  if (error instanceof ApplicationError) return without(error.code, error.message);
  if (error instanceof PlanningRefused)
    return { code: error.code, detail: error.message, errors: [{ field: '/intent', message: error.message }] };
  if (error instanceof EventLogUnavailable) {
    return without(
      'event-store.unavailable',
      'The event store cannot be reached: try again in a moment. Whether a command was carried out is not known: repeat it, a submission with its Idempotency-Key.',
    );
  }
  if (error instanceof NewerEvent) return without('engine.outdated', error.message);
  return error instanceof HttpException ? explainFramework(error) : undefined;
}
