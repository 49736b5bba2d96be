import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which run is a shadow of which: none of those that there are is. */
export class Fork1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows ADD COLUMN fork_of bigint');
    await runner.query('CREATE INDEX workflows_by_forked ON workflows (fork_of, workflow_id) WHERE fork_of IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows DROP COLUMN fork_of');
  }
}
