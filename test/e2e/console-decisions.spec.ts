import type { Browser, Page } from 'playwright-core';
import { seriousViolations } from './support/accessible.js';
import { noBrowser, openPage, startBrowser, type WatchedPage } from './support/browser.js';
import { engineForTests } from './support/engine-process.js';
import { ask, eventually, finished, workflow, type ApprovalDto } from './support/http.js';

const CHAIN = {
  steps: [
    { key: 'search', name: 'Search for data jobs', tool: 'job_search', args: { query: 'data', limit: 1 } },
    { key: 'tailor', name: 'Tailor CV to the job', tool: 'cv_tailor', args: { job: { $from: 'search', path: '/jobs/0' } } },
    {
      key: 'submit',
      name: 'Apply to the job',
      tool: 'job_submit',
      args: { job: { $from: 'search', path: '/jobs/0' }, cv_markdown: { $from: 'tailor', path: '/markdown' } },
    },
    { key: 'list', name: 'Celebrate with food', tool: 'grocery_plan', args: { people: 1, days: 1 }, depends_on: ['submit'] },
    { key: 'tell', name: 'Celebrate longer', tool: 'grocery_plan', args: { people: 2, days: 1 }, depends_on: ['list'] },
  ],
};
/** Two requests at once, of L2 and of L3. */
const TWO = {
  steps: [
    { key: 'low', name: 'Food for one', tool: 'grocery_plan', args: { people: 1, days: 1 }, risk_level: 'L2' },
    { key: 'high', name: 'Food for two', tool: 'grocery_plan', args: { people: 2, days: 1 }, risk_level: 'L3' },
  ],
};

(noBrowser === undefined ? describe : describe.skip)(
  noBrowser === undefined ? 'deciding and asking with the console' : `deciding and asking with the console (skipped: ${noBrowser})`,
  () => {
    const engine = engineForTests();
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser.close());

    const open = (width = 1280): Promise<WatchedPage> => openPage(browser, engine.url, 42, { viewport: { width, height: 800 } });
    const begin = async (plan: object, more: object = {}): Promise<number> =>
      (await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', { user_id: 1, plan, require_approval_from: 'L2', ...more }))
        .body.workflow_id;
    const requestsOf = async (run: number, count = 1): Promise<ApprovalDto[]> =>
      (
        await eventually(
          () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${run}`),
          ({ body }) => body.length === count,
        )
      ).body;
    const statusOf = async ({ approval_id: id }: ApprovalDto): Promise<string> =>
      (await ask<ApprovalDto>(engine.url, 'GET', `/api/approvals/${id}`)).body.status;
    const card = (page: Page, { approval_id: id }: ApprovalDto) => page.getByRole('article', { name: `Approval ${id}`, exact: true });
    const focused = (page: Page): Promise<string | null> =>
      page.evaluate<string | null>(`document.activeElement.closest('article')?.getAttribute('aria-label') ?? null`);

    it('says on a card what would be done, with what, from where, and what a rejection skips', async () => {
      const [request] = await requestsOf(await begin(CHAIN));
      const { page, complaints } = await open();
      await page.goto('/');
      const shown = card(page, request!);
      await shown.getByRole('heading', { name: /^Send the application to / }).waitFor();
      await shown.getByText('L3 · can be undone by job_withdraw').waitFor();
      await shown.getByText(/^If you reject:/).waitFor();
      await shown.getByText(/and also Celebrate with food, Celebrate longer \(3 in all\)\.$/).waitFor();
      expect(await shown.getByRole('term').first().textContent()).toBe('company');
      await shown.getByText('from step Search for data jobs', { exact: true }).waitFor();
      await shown.getByText(/^cv markdown, \d+ words, from step Tailor CV to the job$/).click();
      await shown.getByRole('link', { name: 'Search for data jobs' }).waitFor();
      expect(complaints).toEqual([]);
    });

    it('asks for the details of those cards only that are on the screen', async () => {
      const steps = Array.from({ length: 60 }, (_, index) => ({ ...TWO.steps[0]!, key: `${index}`, args: { people: 1, days: 1 } }));
      const run = await begin({ steps });
      await requestsOf(run, 60);
      const { page } = await open();
      const details: string[] = [];
      page.on('request', (request) => {
        const [, id] = /\/api\/approvals\/(\d+)/.exec(request.url()) ?? [];
        if (id !== undefined) details.push(id);
      });
      await page.goto('/');
      await page.getByRole('article').nth(50).waitFor();
      await page.getByText(', nothing else.').first().waitFor();
      expect(new Set(details).size).toBeLessThan(12);
      const last = page.getByRole('article').last();
      await last.scrollIntoViewIfNeeded();
      await last.getByText(', nothing else.').waitFor();
      expect(new Set(details).size).toBeLessThan(30);
      await ask(engine.url, 'POST', `/api/workflows/${run}/cancel`, { user_id: 1 });
      await page.close();
    });

    it('decides about several at once: by name, the riskiest first, with a second press, with a result for each', async () => {
      const [low, high] = await requestsOf(await begin(TWO), 2);
      const { page, complaints } = await open();
      await page.goto('/');
      for (const request of [low!, high!]) await card(page, request).getByRole('checkbox').check();
      const bar = page.getByRole('region', { name: 'Chosen' });
      await bar.getByText('2 chosen:').waitFor();
      await bar.getByRole('button', { name: 'Approve…' }).dblclick();
      await bar.getByText('About to be approved:').waitFor();
      expect(await bar.getByRole('listitem').allTextContents()).toEqual([
        expect.stringMatching(/^L3.*for 2 people/),
        expect.stringMatching(/^L2.*for 1 people/),
      ]);
      expect(await seriousViolations(page)).toEqual([]);
      expect([await statusOf(low!), await statusOf(high!)]).toEqual(['required', 'required']);
      // Another choice is another list.
      await card(page, low!).getByRole('checkbox').uncheck();
      await bar.getByText('1 chosen:').waitFor();
      await card(page, low!).getByRole('checkbox').check();
      await bar.getByRole('button', { name: 'Reject…' }).click();
      await bar.getByRole('button', { name: 'Back' }).click();
      await bar.getByRole('button', { name: 'Approve…' }).click();
      // Somebody else is quicker about one of them.
      await ask(engine.url, 'POST', `/api/approvals/${low!.approval_id}/decision`, { decision: 'reject', decided_by: 7 });
      await card(page, low!).getByText('Rejected by user 7').waitFor();
      await bar.getByText('1 chosen:').waitFor();
      await bar.getByRole('button', { name: 'Approve…' }).click();
      await bar.getByRole('button', { name: 'Yes, approve this one' }).click();
      await card(page, high!).getByText('Approved by you').waitFor();
      await bar.waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
    });

    it('rejects several with one reason', async () => {
      const requests = await requestsOf(await begin(TWO), 2);
      const { page, complaints } = await open(390);
      await page.goto('/');
      for (const request of requests) await card(page, request).getByRole('checkbox').check();
      const bar = page.getByRole('region', { name: 'Chosen' });
      await bar.getByRole('button', { name: 'Reject…' }).click();
      await bar.getByLabel(/^Why not\?/).fill('Not this week');
      await bar.getByRole('button', { name: 'Yes, reject these 2' }).click();
      for (const request of requests) await card(page, request).getByText('Rejected by you, just now: Not this week').waitFor();
      expect(complaints).toEqual([]);
    });

    it('can be used with keys alone, which are none while one types', async () => {
      const run = await begin(TWO);
      const [low, high] = await requestsOf(run, 2);
      const { page, complaints } = await open();
      await page.goto('/');
      for (const request of [low!, high!]) await card(page, request).getByText(', nothing else.').waitFor();
      await page.keyboard.press('?');
      await page.getByRole('region', { name: 'Keys' }).waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('region', { name: 'Keys' }).waitFor({ state: 'detached' });

      const count = await page.getByRole('article').count();
      const goTo = async ({ approval_id: id }: ApprovalDto, key: string): Promise<void> => {
        for (let moves = 0; (await focused(page)) !== `Approval ${id}`; moves++) {
          if (moves > count) throw new Error(`${key} does not reach approval ${id}`);
          await page.keyboard.press(key);
        }
      };
      await goTo(low!, 'j');
      await page.keyboard.press('x');
      await page.getByRole('region', { name: 'Chosen' }).getByText('1 chosen:').waitFor();
      await page.keyboard.press('x');
      await goTo(high!, 'ArrowUp');
      await page.keyboard.press('r');
      const why = card(page, high!).getByLabel(/^Why not\?/);
      await why.pressSequentially('ajxkr?');
      expect(await why.inputValue()).toBe('ajxkr?');
      expect(await focused(page)).toBe(`Approval ${high!.approval_id}`);
      await page.keyboard.press('Escape');
      await why.waitFor({ state: 'detached' });

      await goTo(high!, 'k');
      await page.keyboard.press('a');
      await page.keyboard.press('a');
      const second = card(page, high!).getByRole('button', { name: /^Yes, run / });
      await second.waitFor();
      expect(await statusOf(high!)).toBe('required');
      await eventually(
        () => second.isEnabled(),
        (isEnabled) => isEnabled,
      );
      await page.keyboard.press('a');
      await card(page, high!).getByText('Approved by you').waitFor();
      await goTo(low!, 'j');
      await page.keyboard.press('a');
      await card(page, low!).getByText('Approved by you').waitFor();
      expect((await finished(engine.url, run)).state).toBe('SUCCEEDED');
      expect(complaints).toEqual([]);
    });

    it('previews what an intent would do, and runs exactly that', async () => {
      const { page, complaints } = await open();
      await page.goto('/new');
      await page.getByLabel('What do you want?').fill('Apply to 1 backend job');
      await page.getByText('Options').click();
      await page.getByLabel('Priority').selectOption('high');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByText(/^3 steps: 1 waits for approval/).waitFor();
      await page.locator('.react-flow__node').nth(2).waitFor();
      await page.getByRole('row', { name: /job_submit.*L3.*Waits for approval.*L3 steps wait for a person/ }).waitFor();
      expect(await seriousViolations(page)).toEqual([]);
      await page.getByLabel('What do you want?').fill('Apply to 2 backend jobs');
      await page.getByText('preview it again').waitFor();
      expect(await page.getByRole('button', { name: 'Run it' }).isDisabled()).toBe(true);
      await page.getByLabel('What do you want?').fill('Apply to 1 backend job');
      await page.getByRole('button', { name: 'Run it' }).click();
      await page.getByRole('heading', { level: 1, name: 'Apply to 1 backend job' }).waitFor();
      const run = Number(new URL(page.url()).pathname.split('/').at(-1));
      const { body } = await ask<{ priority: string }>(engine.url, 'GET', `/api/workflows/${run}`);
      expect(body.priority).toBe('high');
      expect((await workflow(engine.url, run)).steps.map(({ tool }) => tool)).toEqual(['job_search', 'cv_tailor', 'job_submit']);
      expect(complaints).toEqual([]);
    });

    it('shows what is wrong with a plan at its line', async () => {
      const { page, complaints } = await open(390);
      await page.goto('/new');
      await page.getByLabel('With a plan').check();
      const plan = page.getByLabel('Plan (JSON)');
      await plan.fill('{\n  "steps": [\n    { "key": "a" "tool": "x" }\n  ]\n}');
      await page.getByText('Not JSON: there should be a comma or }.').waitFor();
      await page.getByRole('button', { name: 'Line 3' }).waitFor();
      expect(await page.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
      await plan.fill('{\n  "steps": [\n    {\n      "key": "a",\n      "tool": "no_such_tool"\n    }\n  ]\n}');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByRole('button', { name: 'Line 5' }).click();
      expect(
        await page.evaluate<string>(
          'getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
        ),
      ).toContain('no_such_tool');
      expect(await seriousViolations(page)).toEqual([]);
      await plan.fill(JSON.stringify(CHAIN, null, 2));
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByText(/^5 steps: 1 waits for approval/).waitFor();
      await page.getByText('this step, Celebrate with food, Celebrate longer (3 in all)').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')).toBe(false);
      await page.getByRole('button', { name: 'Run it' }).click();
      await page.waitForURL(/\/runs\/\d+/);
      expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
    });

    it.each(['light', 'dark'] as const)('keeps nobody out, on any page, in %s colours', async (colorScheme) => {
      const run = await begin(CHAIN, { intent: 'Apply to a data job' });
      const [request] = await requestsOf(run);
      await begin({ steps: [{ key: 'search', name: 'Search for alchemists', tool: 'job_search', args: { query: 'alchemist' } }] });
      const { page } = await openPage(browser, engine.url, 42, { colorScheme, reducedMotion: 'reduce' });
      for (const [address, ready] of [
        ['/', 'article'],
        [`/approvals/${request!.approval_id}`, 'article'],
        ['/attention', 'main li'],
        ['/runs', 'main li'],
        [`/runs/${run}?step=1`, '.react-flow__node'],
        ['/new', 'textarea'],
      ] as const) {
        await page.goto(address);
        await page.locator(ready).first().waitFor();
        expect([address, await seriousViolations(page)]).toEqual([address, []]);
      }
      await page.close();
    });
  },
);
