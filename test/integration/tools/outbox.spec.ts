import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { Outbox } from '../../../src/infrastructure/tools/outbox.js';
import { filesIn, removeFolder, temporaryFolder } from './support/tool-calls.js';

describe('the outbox', () => {
  let folder: string;
  beforeEach(async () => {
    folder = path.join(await temporaryFolder(), 'not', 'there', 'yet');
  });
  afterEach(() => removeFolder(path.resolve(folder, '../../..')));

  let composed = 0;
  const publish = (key: string, args = {}, outbox = new Outbox(folder)): Promise<{ file: string; number: number }> =>
    outbox.slot('tool', key, args).publishOnce('letters', (place) => {
      const number = ++composed;
      return { files: { 'letter.txt': `letter ${number}` }, output: { file: `${place}/letter.txt`, number } };
    });

  it('makes its folder at first use and says where the files are, relative to it', async () => {
    const { file } = await publish('one');
    expect(await filesIn(folder)).toEqual([file, file.replace('letter.txt', 'receipt.json')].sort());
  });

  it('answers a repeat with the first output, also after a restart', async () => {
    const first = await publish('one');
    expect(await publish('one')).toEqual(first);
    expect(await filesIn(folder)).toHaveLength(2);
  });

  it('leaves one entry for a key, however many calls with however many keys run at once (invariant 18)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 24 }), fc.uuid(), async (keys, run) => {
        const outboxes = [new Outbox(path.join(folder, run)), new Outbox(path.join(folder, run))];
        const answers = await Promise.all(keys.map((key, index) => publish(key, {}, outboxes[index % 2])));
        const byKey = new Map<string, Set<string>>();
        keys.forEach((key, index) => byKey.set(key, (byKey.get(key) ?? new Set()).add(JSON.stringify(answers[index]))));
        for (const answersOfKey of byKey.values()) expect(answersOfKey.size).toBe(1);
        expect(await filesIn(path.join(folder, run))).toHaveLength(2 * byKey.size);
      }),
      { numRuns: 25 },
    );
  });

  it('is not misled by what a crash left half-written, and tidies it up', async () => {
    const { file } = await publish('one');
    const name = file.split('/')[1]!;
    await removeFolder(path.join(folder, 'letters', name));
    const left = path.join(folder, '.unfinished', `${name}-000000000000`);
    await mkdir(left, { recursive: true });
    await writeFile(path.join(left, 'receipt.json'), '{"request":');
    expect((await publish('one')).file).toBe(file);
    expect(await filesIn(folder)).toHaveLength(2);
  });

  it('refuses a key that comes again with other arguments, rather than answering for another effect', async () => {
    await publish('one', { to: 'anna' });
    await expect(publish('one', { to: 'bob' })).rejects.toMatchObject({ code: 'outbox.key-reused', retryable: false });
    expect(await filesIn(folder)).toHaveLength(2);
  });

  it('publishes nothing when composing or writing fails, and can be tried again', async () => {
    const slot = new Outbox(folder).slot('tool', 'one', {});
    const outside = slot.publishOnce('letters', () => ({ files: { '../escape.txt': '' }, output: {} }));
    await expect(outside).rejects.toThrow('not a file name');
    await expect(slot.publishOnce('letters', () => { throw new Error('no paper'); })).rejects.toThrow('no paper'); // prettier-ignore
    expect(await filesIn(folder)).toEqual([]);
    await publish('one');
    expect(await filesIn(folder)).toHaveLength(2);
  });
});
