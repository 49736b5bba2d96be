import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Checkpoints know by which version of its projection a read model was made. All there are were made by the first. */
export class ProjectionVersions1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE checkpoints ADD COLUMN version integer NOT NULL DEFAULT 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE checkpoints DROP COLUMN version');
  }
}
