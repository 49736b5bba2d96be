import { unique } from '@lifeos/test-support';
import { Sequences } from '../../../src/application/ids/sequences.js';
import { SubmissionClaims } from '../../../src/application/workflow/submission-claims.js';
import { sharedStore } from '../support/test-store.js';
import { WatchedLog } from '../support/watched-log.js';

const store = sharedStore();
const claims = () => new SubmissionClaims(store().log, new Sequences(store().log));

describe('an idempotency key', () => {
  it('stands for one run, in every process and after a restart', async () => {
    const key = unique('key');
    const first = await claims().claim(7, key, 'request');
    expect(await claims().claim(7, key, 'request')).toBe(first);
    await store().restart();
    expect(await claims().claim(7, key, 'request')).toBe(first);
  });

  it('stands for one run however many claim it at the same moment', async () => {
    const key = unique('key');
    const [one, two] = [claims(), claims()];
    const ids = await Promise.all([one, two, one, two, one].map((by) => by.claim(7, key, 'request')));
    expect(new Set(ids).size).toBe(1);
  });

  it('is refused for another submission', async () => {
    const key = unique('key');
    await claims().claim(7, key, 'request');
    await expect(claims().claim(7, key, 'another request')).rejects.toMatchObject({ code: 'idempotency-key.reused' });
  });

  it("is one's own: another person's run is another one", async () => {
    const key = unique('key');
    const mine = await claims().claim(7, key, 'request');
    const theirs = await claims().claim(8, key, 'another request');
    expect(theirs).not.toBe(mine);
    expect(await claims().claim(7, key, 'request')).toBe(mine);
  });

  it('is kept apart from others that look like it with another person before it', async () => {
    expect(await claims().claim(1, '2\nx', 'request')).not.toBe(await claims().claim(12, '\nx', 'request'));
    expect(await claims().claim(1, '1x', 'request')).not.toBe(await claims().claim(11, 'x', 'request'));
  });

  it('is not stored itself', async () => {
    const key = unique('secret');
    const log = new WatchedLog(store().log);
    await new SubmissionClaims(log, new Sequences(log)).claim(7, key, 'request');
    const stored = await Promise.all(log.appends.map(async ({ streamId }) => [streamId, (await log.readLast(streamId))!.data]));
    expect(JSON.stringify(stored)).toContain('submission-');
    expect(JSON.stringify(stored)).not.toContain(key);
  });
});
