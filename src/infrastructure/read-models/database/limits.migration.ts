import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How urgent runs are, and whose steps wait for room within a limit. Events from before say nothing of it, so rows from before stay as they are. */
export class Limits1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE workflows ADD COLUMN priority text NOT NULL DEFAULT 'normal'`);
    await runner.query(
      'ALTER TABLE tool_waits ADD COLUMN user_id bigint NOT NULL DEFAULT 0, ADD COLUMN urgency integer NOT NULL DEFAULT 1',
    );
    await runner.query('CREATE INDEX tool_waits_by_urgency ON tool_waits (urgency, since)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX tool_waits_by_urgency');
    await runner.query('ALTER TABLE tool_waits DROP COLUMN user_id, DROP COLUMN urgency');
    await runner.query('ALTER TABLE workflows DROP COLUMN priority');
  }
}
