import type { Actor } from '../../../application/ports/event-log.js';

/** A person as the caller states it: nothing proves it yet. */
export const statedUser = (id: number | undefined): Actor => ({
  kind: 'user',
  id: id === undefined ? 'anonymous' : String(id),
  authenticated: false,
});
