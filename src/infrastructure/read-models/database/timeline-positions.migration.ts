import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Timeline entries know the log position of their event. Only the log can tell it, so the timeline is emptied and projected anew from there. */
export class TimelinePositions1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // As a projecting node locks it: a batch under way on another one must not store the checkpoint again.
    await runner.query('LOCK TABLE checkpoints IN EXCLUSIVE MODE');
    await runner.query('DELETE FROM timeline');
    await runner.query('ALTER TABLE timeline ADD COLUMN position bigint NOT NULL');
    await runner.query(`DELETE FROM checkpoints WHERE read_model = 'timeline'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE timeline DROP COLUMN position');
  }
}
