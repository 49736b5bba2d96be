import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages to notification channels. */
export class Deliveries1764800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE deliveries (
      delivery_id text PRIMARY KEY, place bigint NOT NULL, revision integer NOT NULL, channel_id bigint NOT NULL, type text NOT NULL, title text NOT NULL,
      workflow_id bigint, state text NOT NULL, digest_id text, planned_at text NOT NULL, due_at text, delivered_at text, reason text, tries text NOT NULL)`);
    await runner.query('CREATE INDEX deliveries_by_place ON deliveries (place)');
    await runner.query('CREATE INDEX deliveries_by_channel ON deliveries (channel_id, place)');
    await runner.query('CREATE INDEX deliveries_by_due ON deliveries (due_at, place) WHERE due_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deliveries');
    await runner.query(`DELETE FROM checkpoints WHERE read_model = 'deliveries'`);
  }
}
