import { describeAnalytics } from './analytics.cases.js';
import { describeBatches } from './batches.cases.js';
import { describeBeside } from './beside.cases.js';
import { describeBinaryArrays } from './binary-arrays.cases.js';
import { describeProjector } from './projector.cases.js';
import { describeProjections } from './projections.cases.js';
import { describeDeliveries } from './deliveries.cases.js';
import { describeSchedules } from './schedules.cases.js';
import { describeReaders } from './readers.cases.js';
import { describeUpgrades } from './upgrades.cases.js';
import { openShared } from './support/databases.js';
import { sharedDatabase } from './support/shared-database.js';

describe('the read models in an embedded database that engines share', () => {
  const database = sharedDatabase(openShared);

  describe('arrays in binary', () => describeBinaryArrays(database));
  describe('projections', () => describeProjections(database));
  describe('batches', () => describeBatches(database));
  describe('the projector', () => describeProjector(database));
  describe('made beside', () => describeBeside(database));
  describe('upgrades', () => describeUpgrades(database));
  describe('readers', () => describeReaders(database));
  describe('schedules', () => describeSchedules(database));
  describe('analytics', () => describeAnalytics(database));
  describe('deliveries', () => describeDeliveries(database));
});
