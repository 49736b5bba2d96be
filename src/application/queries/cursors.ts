import { ApplicationError } from '../application.errors.js';
import { InvalidCursor } from '../ports/read-models.js';

/** Says in the API's words that a cursor is not one of ours. @throws ApplicationError cursor.invalid */
export async function refusingCursors<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof InvalidCursor)
      throw new ApplicationError('cursor.invalid', 'The cursor is not one that this list gave out: start without one.');
    throw error;
  }
}
