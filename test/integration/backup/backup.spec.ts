import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { startEmbeddedNode, type EmbeddedNode } from '@lifeos/event-store-node';
import { all } from '@lifeos/test-support';
import { workflowStream } from '../../../src/application/workflow/workflow-codec.js';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { backUp } from '../../../src/infrastructure/backup/backup.js';
import { restore, refuseUnfinishedRestore } from '../../../src/infrastructure/backup/restore.js';
import { Outbox } from '../../../src/infrastructure/tools/outbox.js';
import { filesIn } from '../tools/support/tool-calls.js';

describe('backing up the event log and the outbox', () => {
  let parent: string;
  let dataDir: string;
  let backup: string;
  let node: EmbeddedNode | undefined;
  let client: EventStoreDBClient;
  beforeEach(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'backup-'));
    [dataDir, backup] = [path.join(parent, 'data'), path.join(parent, 'backups', 'first')];
    node = await startEmbeddedNode({ dataDir: path.join(dataDir, 'event-store') });
    client = EventStoreDBClient.connectionString(node.connectionString);
  });
  afterEach(async () => {
    await client.dispose();
    await node?.stop();
    await rm(parent, { recursive: true, force: true });
  });

  interface Step {
    readonly workflowId: number;
    readonly stepId: number;
  }

  const record = (type: string, { workflowId, stepId }: Step, tool = 'note') =>
    client.appendToStream(
      workflowStream(workflowId),
      jsonEvent({ id: randomUUID(), type, data: { workflowId, stepId, attempt: 1, tool, worker: 'worker' } }),
    );

  /** Leaves an effect of the step, and answers where, relative to the outbox. */
  const publish = (step: Step, tool = 'note'): Promise<string> =>
    new Outbox(path.join(dataDir, 'outbox'))
      .slot(tool, `workflow-${step.workflowId}/step-${step.stepId}`, {})
      .publishOnce('notes', (folder) => ({ files: { 'note.txt': `of run ${step.workflowId}` }, output: { folder } }))
      .then(({ folder }) => folder);

  const entriesOf = async (folder: string): Promise<readonly string[]> =>
    (await filesIn(path.join(folder, 'outbox'))).filter((file) => file.endsWith('note.txt')).map((file) => path.posix.dirname(file));

  it('invariant 36: is refused over a run that a newer version has written to: which effects belong to it cannot be known', async () => {
    const newer = { id: randomUUID(), type: 'StepPostponed', data: { workflowId: 1 }, metadata: { schemaVersion: 1 } };
    await client.appendToStream(workflowStream(1), jsonEvent(newer));
    await expect(backUp(dataDir, backup)).rejects.toThrow(
      'Event 0 of workflow-1 (StepPostponed, schema version 1) was written by a newer version',
    );
    await expect(readdir(path.dirname(backup))).resolves.toEqual([]);
  });

  it('keeps the effects of started steps, and no others: ids that the log does not know are given out again', async () => {
    const [started, ready, unknown] = [
      { workflowId: 1, stepId: 1 },
      { workflowId: 1, stepId: 2 },
      { workflowId: 2, stepId: 1 },
    ];
    await record('StepStarted', started);
    await record('StepReady', ready);
    await client.appendToStream('notes', jsonEvent({ type: 'StepStarted', data: { ...unknown, tool: 'note' } }));
    const kept = await publish(started);
    for (const [step, tool] of [[ready], [unknown], [started, 'another tool']] as const) await publish(step, tool);
    await mkdir(path.join(dataDir, 'outbox', '.unfinished', 'letters'), { recursive: true });
    expect(await entriesOf(dataDir)).toHaveLength(4);

    expect(await backUp(dataDir, backup)).toMatchObject({ outboxEntries: 1 });
    expect(await entriesOf(backup)).toEqual([kept]);
    expect(await readdir(path.join(backup, 'outbox'))).toEqual(['notes']);
    expect(await readFile(path.join(backup, 'outbox', kept, 'note.txt'), 'utf8')).toBe('of run 1');
    expect((await readdir(path.join(backup, 'event-store'))).sort()).toEqual(['log.mdb']);
  });

  it('copies an outbox of many entries on several shelves', async () => {
    const steps = Array.from({ length: 60 }, (_, n) => ({ workflowId: 3, stepId: n + 1 }));
    await client.appendToStream(
      workflowStream(3),
      steps.map((step) => jsonEvent({ id: randomUUID(), type: 'StepStarted', data: { ...step, tool: 'note' } })),
    );
    const places = await Promise.all(steps.map((step) => publish(step)));
    await backUp(dataDir, backup);
    const restored = path.join(parent, 'restored');
    expect(await restore(backup, restored)).toMatchObject({ outboxEntries: 60 });
    expect([...(await entriesOf(restored))].sort()).toEqual([...places].sort());
  });

  it('restores what an engine can go on with, into a folder that is empty or absent', async () => {
    await record('StepStarted', { workflowId: 1, stepId: 1 });
    await publish({ workflowId: 1, stepId: 1 });
    const before = await all(client.readStream('workflow-1'));
    const { log } = await backUp(dataDir, backup);
    await record('StepStarted', { workflowId: 2, stepId: 1 });
    for (const folder of [path.join(parent, 'absent', 'deep'), parent]) {
      const target = folder === parent ? path.join(parent, 'empty') : folder;
      if (folder === parent) await mkdir(path.join(target, 'lost+found'), { recursive: true });
      expect((await restore(backup, target)).log).toEqual(log);
      expect(() => refuseUnfinishedRestore(target)).not.toThrow();
      const other = await startEmbeddedNode({ dataDir: path.join(target, 'event-store') });
      const reader = EventStoreDBClient.connectionString(other.connectionString);
      expect((await all(reader.readStream('workflow-1'))).map(({ event }) => event!.id)).toEqual(before.map(({ event }) => event!.id));
      await expect(all(reader.readStream('workflow-2'))).rejects.toThrow(/not found/i);
      await reader.dispose();
      await other.stop();
    }
  });

  it('refuses a target that exists, and a folder without a log, and leaves nothing behind', async () => {
    await mkdir(backup, { recursive: true });
    await expect(backUp(dataDir, backup)).rejects.toThrow(/exists already/);
    await expect(backUp(path.join(parent, 'nowhere'), path.join(parent, 'backups', 'second'))).rejects.toThrow(/no event log/);
    expect(await readdir(path.join(parent, 'backups'))).toEqual(['first']);
  });

  it('refuses to restore into a folder that holds anything', async () => {
    await backUp(dataDir, backup);
    const target = path.join(parent, 'used');
    await mkdir(target);
    await writeFile(path.join(target, 'mine.txt'), 'keep');
    await expect(restore(backup, target)).rejects.toThrow(/is not empty \(it holds mine.txt\)/);
    expect(await readdir(target)).toEqual(['mine.txt']);
  });

  it.each([
    [
      'has lost an outbox entry',
      /its outbox holds 0 entries, and 1 were/,
      (place: string) => rm(path.join(place, 'outbox/notes'), { recursive: true }),
    ],
    ['was left unfinished', /it has no backup.json/, (place: string) => rm(path.join(place, 'backup.json'))],
    [
      'is of another format',
      /not a backup that this version can read/,
      (place: string) => writeFile(path.join(place, 'backup.json'), '{"format":2}'),
    ],
    ['has no log', /There is no file/, (place: string) => rm(path.join(place, 'event-store/log.mdb'))],
    ['has a broken log', /log/, (place: string) => writeFile(path.join(place, 'event-store/log.mdb'), 'not a log')],
  ])('refuses a backup that %s, and leaves no data folder', async (_what, message, damage) => {
    await record('StepStarted', { workflowId: 1, stepId: 1 });
    await publish({ workflowId: 1, stepId: 1 });
    await backUp(dataDir, backup);
    await damage(backup);
    const target = path.join(parent, 'restored');
    await expect(restore(backup, target)).rejects.toThrow(message);
    expect(await readdir(parent)).not.toContain('restored');
  });

  it('refuses a backup with the log of another one', async () => {
    await backUp(dataDir, backup);
    await record('StepStarted', { workflowId: 1, stepId: 1 });
    const later = path.join(parent, 'backups', 'later');
    await backUp(dataDir, later);
    await rename(path.join(later, 'event-store', 'log.mdb'), path.join(backup, 'event-store', 'log.mdb'));
    await expect(restore(backup, path.join(parent, 'restored'))).rejects.toThrow(/its log is not the one that was backed up/);
  });

  it('says that a restore was interrupted, to who would use the folder', async () => {
    await backUp(dataDir, backup);
    const target = path.join(parent, 'restored');
    await mkdir(path.join(target, 'restore.partial'), { recursive: true });
    expect(() => refuseUnfinishedRestore(target)).toThrow(/did not finish/);
    await expect(restore(backup, target)).rejects.toThrow(/did not finish/);
  });
});
