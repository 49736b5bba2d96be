import { HttpStatus } from '@nestjs/common';
import type { ApplicationErrorCode, PlannerCode } from '../../../application/application.errors.js';
import type { DomainErrorCode } from '../../../domain/workflow/workflow.errors.js';

/** Why the HTTP edge itself refuses a request. Codes are part of the API: never rename one. */
export type RequestErrorCode =
  | 'request.invalid'
  | 'request.invalid-last-event-id'
  | 'request.malformed'
  | 'request.malformed-json'
  | 'request.duplicate-member'
  | 'request.too-large'
  | 'request.header-too-large'
  | 'request.timeout'
  | 'request.unsupported-media-type'
  | 'request.cross-origin'
  | 'request.unknown-host'
  | 'route.not-found'
  | 'route.method-not-allowed'
  | 'internal';

/** Every `code` that a problem document may carry. */
export type ProblemCode = DomainErrorCode | ApplicationErrorCode | RequestErrorCode;

/** The status of each refusal. A new code without a status does not compile. */
const REFUSALS: Record<DomainErrorCode | ApplicationErrorCode, HttpStatus> = {
  'intent.empty': HttpStatus.UNPROCESSABLE_ENTITY,
  'intent.too-long': HttpStatus.UNPROCESSABLE_ENTITY,
  'deadline.too-early': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.empty': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.too-large': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.duplicate-key': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.unknown-tool': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.dangling-dependency': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.cycle': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.invalid-args': HttpStatus.UNPROCESSABLE_ENTITY,
  'plan.invalid-reference': HttpStatus.UNPROCESSABLE_ENTITY,
  'workflow.not-found': HttpStatus.NOT_FOUND,
  'workflow.finished': HttpStatus.CONFLICT,
  'workflow.not-due': HttpStatus.CONFLICT,
  'workflow.not-finished': HttpStatus.CONFLICT,
  'workflow.shadow': HttpStatus.CONFLICT,
  'workflow.nothing-to-undo': HttpStatus.CONFLICT,
  'workflow.not-planned': HttpStatus.CONFLICT,
  'workflow.not-running': HttpStatus.CONFLICT,
  'workflow.paused': HttpStatus.CONFLICT,
  'workflow.stopping': HttpStatus.CONFLICT,
  'step.not-found': HttpStatus.NOT_FOUND,
  'step.not-ready': HttpStatus.CONFLICT,
  'step.not-dead-lettered': HttpStatus.CONFLICT,
  'step.invalid-args': HttpStatus.UNPROCESSABLE_ENTITY,
  'step.invalid-output': HttpStatus.UNPROCESSABLE_ENTITY,
  'step.unknown-tool': HttpStatus.CONFLICT,
  'step.attempt-not-running': HttpStatus.CONFLICT,
  'step.retry-not-due': HttpStatus.CONFLICT,
  'parked-event.not-found': HttpStatus.NOT_FOUND,
  'parked-event.failed': HttpStatus.CONFLICT,
  'pause.not-found': HttpStatus.NOT_FOUND,
  'pause.unknown-tool': HttpStatus.UNPROCESSABLE_ENTITY,
  'approval.not-found': HttpStatus.NOT_FOUND,
  'approval.already-decided': HttpStatus.CONFLICT,
  'approval.void': HttpStatus.CONFLICT,
  'approval.stale-arguments': HttpStatus.CONFLICT,
  'schedule.invalid-cron': HttpStatus.UNPROCESSABLE_ENTITY,
  'schedule.never-comes': HttpStatus.UNPROCESSABLE_ENTITY,
  'schedule.too-many': HttpStatus.CONFLICT,
  'schedule.not-found': HttpStatus.NOT_FOUND,
  'schedule.deleted': HttpStatus.CONFLICT,
  'channel.not-found': HttpStatus.NOT_FOUND,
  'channel.disabled': HttpStatus.CONFLICT,
  'channel.no-secret': HttpStatus.CONFLICT,
  'channel.too-many': HttpStatus.CONFLICT,
  'channel.configured': HttpStatus.CONFLICT,
  'channel.address-refused': HttpStatus.UNPROCESSABLE_ENTITY,
  'channel.no-mail-server': HttpStatus.CONFLICT,
  'delivery.not-found': HttpStatus.NOT_FOUND,
  'delivery.in-digest': HttpStatus.CONFLICT,
  // 422 for another payload under the same key: draft-ietf-httpapi-idempotency-key-header, section 2.7.
  'idempotency-key.reused': HttpStatus.UNPROCESSABLE_ENTITY,
  'read-model.behind': HttpStatus.SERVICE_UNAVAILABLE,
  'revision.not-found': HttpStatus.NOT_FOUND,
  'cursor.invalid': HttpStatus.BAD_REQUEST,
  'analytics.invalid-period': HttpStatus.BAD_REQUEST,
  'event-store.unavailable': HttpStatus.SERVICE_UNAVAILABLE,
  'database.unavailable': HttpStatus.SERVICE_UNAVAILABLE,
  'engine.outdated': HttpStatus.SERVICE_UNAVAILABLE,
  'engine.stopping': HttpStatus.SERVICE_UNAVAILABLE,
};

/** The status of each problem of the HTTP edge itself. */
const REQUEST_ERRORS: Record<RequestErrorCode, number> = {
  'request.invalid': HttpStatus.BAD_REQUEST,
  'request.invalid-last-event-id': HttpStatus.BAD_REQUEST,
  'request.malformed': HttpStatus.BAD_REQUEST,
  'request.malformed-json': HttpStatus.BAD_REQUEST,
  'request.duplicate-member': HttpStatus.BAD_REQUEST,
  'request.too-large': HttpStatus.PAYLOAD_TOO_LARGE,
  // RFC 6585; Nest has no name for it.
  'request.header-too-large': 431,
  'request.timeout': HttpStatus.REQUEST_TIMEOUT,
  'request.unsupported-media-type': HttpStatus.UNSUPPORTED_MEDIA_TYPE,
  'request.cross-origin': HttpStatus.FORBIDDEN,
  'request.unknown-host': HttpStatus.MISDIRECTED,
  'route.not-found': HttpStatus.NOT_FOUND,
  'route.method-not-allowed': HttpStatus.METHOD_NOT_ALLOWED,
  internal: HttpStatus.INTERNAL_SERVER_ERROR,
};

/** The HTTP status of every problem code. */
export const PROBLEM_STATUS: Readonly<Record<ProblemCode, number>> = { ...REFUSALS, ...REQUEST_ERRORS };

/** The HTTP status of a problem, those that planners name included. */
export const statusOf = (code: ProblemCode | PlannerCode): number =>
  Object.hasOwn(PROBLEM_STATUS, code) ? PROBLEM_STATUS[code as ProblemCode] : HttpStatus.UNPROCESSABLE_ENTITY;

/** After how many seconds a request is worth repeating, for what passes by itself. */
export const RETRY_AFTER_SECONDS: Partial<Record<ProblemCode | PlannerCode, number>> = {
  'read-model.behind': 1,
  'event-store.unavailable': 2,
  'database.unavailable': 2,
  // Another node may be newer.
  'engine.outdated': 5,
  'engine.stopping': 5,
};
