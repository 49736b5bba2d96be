import type { RequestErrorCode } from './problem-codes.js';
import type { FieldError } from './problem.js';

/** The HTTP edge refuses a request before it becomes a command or a question. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  constructor(
    readonly code: RequestErrorCode,
    message: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(message);
  }
}

/** A refusal for one field, which its detail names too. */
export const invalidField = (field: string, message: string): RequestRefused =>
  new RequestRefused('request.invalid', `${field} ${message}.`, [{ field, message }]);
