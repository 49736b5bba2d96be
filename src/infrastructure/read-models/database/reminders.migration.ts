import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often people were reminded of a request, and which open ones wait longest. No event from before says anything of reminders. */
export class Reminders1765500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE approvals ADD COLUMN reminders integer NOT NULL DEFAULT 0');
    await runner.query(`CREATE INDEX approvals_by_wait ON approvals (reminders, requested_at) WHERE status = 'required'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX approvals_by_wait');
    await runner.query('ALTER TABLE approvals DROP COLUMN reminders');
  }
}
