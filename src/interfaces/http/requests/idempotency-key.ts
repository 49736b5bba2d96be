import { ApiHeader } from '@nestjs/swagger';
import { invalidField } from '../problems/request-refused.js';

/** Name of the header that makes a submission repeatable. */
export const IDEMPOTENCY_KEY = 'Idempotency-Key';

/** The key as a submission takes it; nothing without the header. @throws RequestRefused */
export function idempotencyKeyOf(header: string | undefined): { readonly idempotencyKey?: string } {
  if (header === undefined) return {};
  if (!/^[\x21-\x7e]{1,255}$/.test(header)) throw invalidField(IDEMPOTENCY_KEY, 'must be 1 to 255 visible ASCII characters');
  return { idempotencyKey: header };
}

/** Documents the header. */
export const IdempotencyKeyHeader = (repeat = 'A repeat with the same key (per user) answers with the first run.'): MethodDecorator =>
  ApiHeader({
    name: IDEMPOTENCY_KEY,
    required: false,
    description: `1 to 255 visible ASCII characters. ${repeat}`,
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  });
