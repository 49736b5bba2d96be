import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Schedules, and which of them submitted a run: none submitted those that there are. */
export class Schedules1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE schedules (
      schedule_id bigint PRIMARY KEY, revision integer NOT NULL, user_id bigint NOT NULL, intent text NOT NULL, cron text NOT NULL, time_zone text NOT NULL,
      overlap text NOT NULL, catch_up text NOT NULL, ends_at text, state text NOT NULL, created_at text NOT NULL, active_since text NOT NULL,
      last_scheduled_for text, last_workflow_id bigint, last_occurrence_id bigint, skipped_up_to text, skipped bigint NOT NULL)`);
    await runner.query('CREATE INDEX schedules_by_state ON schedules (state, schedule_id)');
    await runner.query('ALTER TABLE workflows ADD COLUMN schedule_id bigint, ADD COLUMN scheduled_for text');
    await runner.query('CREATE INDEX workflows_by_schedule ON workflows (schedule_id, workflow_id) WHERE schedule_id IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows DROP COLUMN schedule_id, DROP COLUMN scheduled_for');
    await runner.query('DROP TABLE schedules');
    await runner.query(`DELETE FROM checkpoints WHERE read_model = 'schedules'`);
  }
}
