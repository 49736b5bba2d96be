import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which run undoes which: none of those that there are does. */
export class Compensation1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows ADD COLUMN compensates bigint');
    await runner.query('CREATE INDEX workflows_by_compensated ON workflows (compensates) WHERE compensates IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows DROP COLUMN compensates');
  }
}
