import fc from 'fast-check';
import { InvalidCursor, type Page, type PageRequest } from '../../../src/application/ports/read-models.js';
import { DatabaseAlertSignsReader } from '../../../src/infrastructure/read-models/alert-signs.reader.js';
import { DatabaseApprovalsReader } from '../../../src/infrastructure/read-models/approvals/approvals.reader.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { DatabaseDeadLettersReader } from '../../../src/infrastructure/read-models/dead-letters/dead-letters.reader.js';
import { DatabaseTimelineReader } from '../../../src/infrastructure/read-models/timeline/timeline.reader.js';
import { DatabaseWorkflowsReader } from '../../../src/infrastructure/read-models/workflows/workflows.reader.js';
import { emptyAll } from './support/databases.js';
import { project } from './support/projecting.js';
import { logOf, plannedStep, Run, START } from './support/run.js';

const cursor = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');

const BAD_CURSORS = [
  '',
  '!',
  'null',
  cursor(null),
  cursor({}),
  cursor([]),
  cursor(['1']),
  cursor([1.5]),
  cursor([1e300]),
  cursor([1, 2, 3]),
  '\0',
  "' OR 1=1",
];

async function allPages<T>(limit: number, list: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let next: string | null | undefined; next !== null;) {
    const page: Page<T> = await list({ limit, ...(next === undefined ? {} : { cursor: next }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    expect(page.items.length === 0 && page.nextCursor !== null).toBe(false);
    items.push(...page.items);
    next = page.nextCursor;
  }
  return items;
}

/** Pages, filters and texts. */
export function describeReaders(database: () => Database): void {
  const workflows = () => new DatabaseWorkflowsReader(database());
  const timeline = () => new DatabaseTimelineReader(database());
  const approvals = () => new DatabaseApprovalsReader(database());
  const deadLetters = () => new DatabaseDeadLettersReader(database());

  describe('signs of alerts', () => {
    const signs = () => new DatabaseAlertSignsReader(database());
    const at = (ms: number): string => new Date(START + ms).toISOString();

    it('are runs that go on, are not paused and wait for no approval, in which nothing has happened since', async () => {
      await emptyAll(database());
      const stuck = new Run(1).submit().plan(plannedStep(1)).fail(1, 1, false);
      const busy = new Run(2, START + 500_000).submit().plan(plannedStep(1));
      const paused = new Run(3).submit().plan(plannedStep(1)).pause();
      const waiting = new Run(4).submit().plan(plannedStep(1, { riskLevel: 'L3' }));
      const done = new Run(5).submit().plan(plannedStep(1)).succeed(1);
      const late = new Run(6).submit('later', 7, undefined, { startAt: at(900_000) }).plan(plannedStep(1));
      const old = new Run(7).submit().plan(plannedStep(1)).start(1);
      await project(database(), logOf([stuck, busy, paused, waiting, done, late, old]));
      expect(await signs().stillRuns(at(400_000))).toEqual({ workflowIds: [1, 7], count: 2 });
      expect(await signs().stillRuns(at(0))).toEqual({ workflowIds: [], count: 0 });
      expect((await signs().stillRuns(at(1_000_000))).workflowIds).toEqual([1, 2, 6, 7]);
    });

    it('are approvals that wait, and the one that waits longest', async () => {
      await emptyAll(database());
      expect(await signs().waitingApprovals()).toEqual({ count: 0, oldest: null });
      const run = new Run(1)
        .submit()
        .plan(plannedStep(1, { riskLevel: 'L3' }), plannedStep(2, { riskLevel: 'L3' }))
        .approve(1);
      const other = new Run(2, START + 60_000).submit().plan(plannedStep(1, { riskLevel: 'L3' }));
      await project(database(), logOf([run, other]));
      const { count, oldest } = await signs().waitingApprovals();
      expect(count).toBe(2);
      expect(oldest).toMatch(/^2026-01-05T08:00:0/);
    });
  });

  describe('reminders', () => {
    it('are due of open requests by how often people were reminded, longest waiting first', async () => {
      await emptyAll(database());
      const asked = (workflowId: number, count: number) =>
        new Run(workflowId).submit().plan(...Array.from({ length: count }, (_, step) => plannedStep(step + 1, { riskLevel: 'L3' })));
      const runs = [asked(1, 3), asked(2, 1).cancel(), asked(3, 1), asked(4, 1)];
      runs[0]!.remind(2).approve(3);
      runs[2]!.remind(1).remind(1);
      await project(database(), logOf(runs));
      const pending = async (reminders: number, most = 10) =>
        (await approvals().pending(reminders, most)).map(({ workflowId, stepId }) => [workflowId, stepId]);
      expect(await pending(0)).toEqual([
        [1, 1],
        [4, 1],
      ]);
      expect(await pending(0, 1)).toEqual([[1, 1]]);
      expect(await pending(1)).toEqual([[1, 2]]);
      expect(await pending(2)).toEqual([[3, 1]]);
    });
  });

  describe('pages', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 7 });
    const limit = fc.integer({ min: 1, max: 6 });

    it('of dead letters are the whole list, newest first, each once, though runs have several', async () => {
      await fc.assert(
        fc.asyncProperty(counts, limit, async (letters, size) => {
          await emptyAll(database());
          const runs = letters.map((count, index) => {
            const run = new Run(index + 1).submit().plan(...Array.from({ length: count + 1 }, (_, step) => plannedStep(step + 1)));
            for (let stepId = 1; stepId <= count; stepId++) run.fail(stepId, 1, false);
            return run;
          });
          await project(database(), logOf(runs));
          const expected = letters.flatMap((count, run) => Array.from({ length: count }, (_, step) => [run + 1, step + 1])).reverse();
          const items = await allPages(size, (page) => deadLetters().list({}, page));
          expect(items.map(({ workflowId, stepId }) => [workflowId, stepId])).toEqual(expected);
        }),
        { numRuns: 12 },
      );
    });

    it('of approvals are the whole list, newest first, each once, with one status or any', async () => {
      await fc.assert(
        fc.asyncProperty(
          counts,
          limit,
          fc.constantFrom('required' as const, 'approved' as const, undefined),
          async (asked, size, status) => {
            await emptyAll(database());
            const runs = asked.map((count, index) => {
              const run = new Run(index + 1)
                .submit()
                .plan(...Array.from({ length: count + 1 }, (_, step) => plannedStep(step + 1, { riskLevel: 'L3' })));
              for (let stepId = 1; stepId <= count; stepId++) run.approve(stepId);
              return run;
            });
            await project(database(), logOf(runs));
            const expected = runs
              .flatMap(({ state }) => [...state.steps].map(({ approval }) => approval!))
              .filter((approval) => status === undefined || approval.status === status)
              .map(({ approvalId }) => approvalId)
              .reverse();
            const items = await allPages(size, (page) => approvals().list(status === undefined ? {} : { status }, page));
            expect(items.map(({ approvalId }) => approvalId)).toEqual(expected);
          },
        ),
        { numRuns: 12 },
      );
    });

    it('of workflows are the whole list, newest first, each once, under every filter', async () => {
      const runs = Array.from({ length: 23 }, (_, index) => {
        const run = new Run(index + 1).submit(index % 4 === 0 ? 'Find a JOB' : 'rest', index % 3);
        return index % 2 === 0 ? run.cancel() : run;
      });
      await project(database(), logOf(runs));
      await fc.assert(
        fc.asyncProperty(
          limit,
          fc.record(
            {
              userId: fc.integer({ min: 0, max: 3 }),
              state: fc.constantFrom('CANCELLED' as const, 'PLANNING' as const),
              text: fc.constantFrom('job', 'REST', ''),
            },
            { requiredKeys: [] },
          ),
          async (size, filter) => {
            const expected = runs
              .map(({ state }) => state)
              .filter(({ userId }) => filter.userId === undefined || userId === filter.userId)
              .filter(({ state }) => filter.state === undefined || state === filter.state)
              .filter(({ intent }) => intent.toLowerCase().includes((filter.text ?? '').toLowerCase()))
              .map(({ workflowId }) => workflowId)
              .reverse();
            const items = await allPages(size, (page) => workflows().list(filter, page));
            expect(items.map(({ workflowId }) => workflowId)).toEqual(expected);
          },
        ),
        { numRuns: 25 },
      );
    });

    it('go on where they were when rows come and go in between', async () => {
      const runs = [1, 2, 3, 4].map((id) => new Run(id).submit().plan(plannedStep(1)).fail(1, 1, false));
      await project(database(), logOf(runs));
      const first = await deadLetters().list({}, { limit: 2 });
      await database().source.query('DELETE FROM dead_letters WHERE workflow_id IN (2, 3)');
      const second = await deadLetters().list({}, { limit: 2, cursor: first.nextCursor! });
      expect([first, second].map(({ items }) => items.map(({ workflowId }) => workflowId))).toEqual([[4, 3], [1]]);
    });

    it.each(BAD_CURSORS)('are refused after the cursor %j, which no list gave out', async (bad) => {
      const page = { limit: 10, cursor: bad };
      await expect(workflows().list({}, page)).rejects.toThrow(InvalidCursor);
      await expect(approvals().list({}, page)).rejects.toThrow(InvalidCursor);
      await expect(deadLetters().list({}, page)).rejects.toThrow(InvalidCursor);
    });

    it.each([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 31, -(2 ** 31) - 1])(
      'take a key as large as %d for what it is',
      async (key) => {
        await project(
          database(),
          logOf([
            new Run(1)
              .submit()
              .plan(plannedStep(1), plannedStep(2, { riskLevel: 'L3' }))
              .fail(1, 1, false),
          ]),
        );
        const found = key > 0 ? 1 : 0;
        expect((await workflows().list({}, { limit: 10, cursor: cursor([key]) })).items).toHaveLength(found);
        expect((await approvals().list({}, { limit: 10, cursor: cursor([key]) })).items).toHaveLength(found);
        expect((await deadLetters().list({}, { limit: 10, cursor: cursor([key, key]) })).items).toHaveLength(found);
        expect((await deadLetters().list({}, { limit: 10, cursor: cursor([1, key]) })).items).toHaveLength(found);
      },
    );
  });

  describe('the timeline', () => {
    const run = new Run(1).submit().plan(plannedStep(1)).succeed(1);

    it('is read in parts, after a revision', async () => {
      await project(database(), logOf([run]));
      const ids = async (after: number | undefined, limit: number) =>
        (await timeline().list(1, { limit, ...(after === undefined ? {} : { after }) })).map(({ id }) => id);
      expect(await ids(undefined, 2)).toEqual([0, 1]);
      expect(await ids(1, 100)).toEqual([2, 3, 4, 5]);
      expect(await ids(5, 100)).toEqual([]);
      expect(await timeline().list(2, { limit: 100 })).toEqual([]);
    });

    it.each([2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER])('has nothing after revision %d', async (after) => {
      await project(database(), logOf([run]));
      expect(await timeline().list(1, { after, limit: 10 })).toEqual([]);
    });

    it('has everything after a revision before all', async () => {
      await project(database(), logOf([run]));
      expect(await timeline().list(1, { after: Number.MIN_SAFE_INTEGER, limit: 10 })).toHaveLength(6);
    });
  });

  describe('the filter for a text', () => {
    const found = async (text: string): Promise<number[]> =>
      (await workflows().list({ text }, { limit: 100 })).items.map(({ workflowId }) => workflowId);

    it.each(['100 %', 'a_b', 'C:\\temp', "it's", '"q"', '$1', ':text', 'ß', 'naïve 😀', 'two\nlines', 'a\0b', 'x\ud800y'])(
      'finds %j as it was written, and nothing else',
      async (text) => {
        await project(database(), logOf([new Run(1).submit(`do ${text} now`), new Run(2).submit('do 100 x aXb C:temp its q ab now')]));
        expect(await found(text)).toEqual([1]);
      },
    );

    it.each(['café', 'Überweisung', 'Å', '한국', 'Tiếng Việt', 'q\u0323\u0307', '50_é%\\'])(
      'finds %j however its accents are written, and shows it as it was written',
      async (text) => {
        const forms = [text.normalize('NFC'), text.normalize('NFD'), text];
        const intents = [...forms.map((form) => `do ${form} now`), 'do cafe Uberweisung A Tieng Viet q 50xé% now'];
        await project(database(), logOf(intents.map((intent, index) => new Run(index + 1).submit(intent))));
        for (const form of forms) expect(await found(form)).toEqual([3, 2, 1]);
        const { items } = await workflows().list({ text }, { limit: 100 });
        expect(items.map(({ intent }) => intent)).toEqual(intents.slice(0, 3).reverse());
      },
    );

    it('finds a text whose accents are written in another way, whatever else is in it', async () => {
      const letters = fc.constantFrom(
        'é',
        'e\u0301',
        'Å',
        'A\u030a',
        '\u212b',
        '한',
        '한'.normalize('NFD'),
        '%',
        '_',
        '\\',
        'a',
        ' ',
        '😀',
      );
      const texts = fc.array(letters, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
      await fc.assert(
        fc.asyncProperty(texts, fc.constantFrom('NFC', 'NFD'), async (text, form) => {
          await emptyAll(database());
          await project(database(), logOf([new Run(1).submit(`(${text})`), new Run(2).submit('z')]));
          expect(await found(`(${text.normalize(form)})`)).toEqual([1]);
        }),
        { numRuns: 30 },
      );
    });

    it('does not care for upper and lower case', async () => {
      await project(database(), logOf([new Run(1).submit('Écrire À Anna')]));
      expect(await found('écrire à ANNA')).toEqual([1]);
    });
  });

  describe('texts that databases refuse', () => {
    const nasty = 'a\0b \ud800 "q" \'s\' \\ % _ $1 :x';
    const shown = 'a\uFFFDb \uFFFD "q" \'s\' \\ % _ $1 :x';

    it('are kept: text columns have U+FFFD in place of U+0000 and lone surrogates, JSON is kept exactly', async () => {
      const args = { [nasty]: [nasty] };
      const run = new Run(1)
        .submit(nasty)
        .plan(
          plannedStep(1, { key: nasty, name: nasty, tool: nasty, args }),
          plannedStep(2),
          plannedStep(3, { name: nasty, args, riskLevel: 'L3' }),
          plannedStep(4),
        )
        .succeed(1, { out: nasty })
        .fail(2, 1, false, nasty)
        .approve(3, nasty)
        .cancel(nasty);
      const log = logOf([run]);
      await project(database(), log.slice(0, -1));
      expect((await deadLetters().list({}, { limit: 1 })).items[0]!.error.message).toBe(nasty);
      await project(database(), log);
      const view = await workflows().find(1);
      expect(view).toMatchObject({ intent: shown, reason: shown });
      expect(view!.steps[0]).toMatchObject({ key: shown, name: shown, tool: shown, args, output: { out: nasty } });
      expect(view!.steps[1]!.error).toEqual({ code: 'job_search.unlucky', message: nasty, retryable: false, effect: 'none' });
      expect(await approvals().ofWorkflow(1)).toMatchObject([{ stepName: shown, args, decisionReason: shown }]);
      const entries = await timeline().list(1, { limit: 100 });
      expect(entries[0]!.message).toBe(`Workflow started: ${shown}`);
      expect(entries.at(-1)).toMatchObject({ message: `Workflow cancelled: ${shown}`, data: { reason: nasty } });
    });

    it('may be as long as an event can be', async () => {
      const long = '😀é\0'.repeat(200_000);
      await project(
        database(),
        logOf([new Run(1).submit().plan(plannedStep(1), plannedStep(2)).succeed(1, { long }).fail(2, 1, false, long)]),
      );
      const { steps } = (await workflows().find(1))!;
      expect(steps[0]!.output).toEqual({ long });
      expect(steps[1]!.error!.message).toBe(long);
      const last = (await timeline().list(1, { limit: 100 })).at(-1)!;
      expect(last.message.endsWith('\uFFFD')).toBe(true);
    });
  });
}
