import { ApplicationError } from '../../../application/application.errors.js';
import { InvalidCursor } from '../../../application/ports/read-models.js';

/** Reads from the database, whose faults become the application's error. @throws ApplicationError database.unavailable */
export async function translateFaults<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof InvalidCursor) throw error;
    const unavailable = new ApplicationError('database.unavailable', 'The database of the read models does not answer: try again.');
    unavailable.cause = error;
    throw unavailable;
  }
}
