import { ApplicationError } from '../../../application/application.errors.js';
import { InvalidCursor } from '../../../application/ports/read-models.js';

/** Says in the application's words that the database does not answer. @throws ApplicationError database.unavailable */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof InvalidCursor) throw error;
    const unavailable = new ApplicationError('database.unavailable', 'The database of the read models does not answer: try again.');
    unavailable.cause = error;
    throw unavailable;
  }
}
