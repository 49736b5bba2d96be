import type { Database } from '../../../../src/infrastructure/read-models/database/database.js';
import { emptyAll, type OpenTestDatabase, type TestDatabase } from './databases.js';

/** One database for all tests of a suite, empty at the start of each. */
export function sharedDatabase(open: OpenTestDatabase): () => Database {
  let shared: TestDatabase | undefined;
  beforeAll(async () => {
    shared = await open();
  });
  beforeEach(() => emptyAll(shared!.database));
  afterAll(() => shared?.dispose());
  return () => shared!.database;
}
