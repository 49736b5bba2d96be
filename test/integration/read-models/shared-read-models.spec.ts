import { describeBatches } from './batches.cases.js';
import { describeBeside } from './beside.cases.js';
import { describeBinaryArrays } from './binary-arrays.cases.js';
import { describeProjector } from './projector.cases.js';
import { openShared } from './support/databases.js';
import { sharedDatabase } from './support/shared-database.js';

/** The database is the embedded one, whose statements are tested with it; what differs is what several sessions, their locks and their limits have to do with. */
describe('the read models in an embedded database that engines share', () => {
  const database = sharedDatabase(openShared);

  describe('arrays in binary', () => describeBinaryArrays(database));
  describe('batches', () => describeBatches(database));
  describe('the projector', () => describeProjector(database));
  describe('made beside', () => describeBeside(database));
});
