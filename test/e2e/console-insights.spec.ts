import type { Browser, Page } from 'playwright-core';
import { noBrowser, openPage, startBrowser, type WatchedPage } from './support/browser.js';
import { engineForTests } from './support/engine-process.js';
import { approveAll, ask, eventually, finished, type ApprovalDto } from './support/http.js';

const PAGES = ['/insights', '/schedules', '/tools', '/status'] as const;

(noBrowser === undefined ? describe : describe.skip)(
  noBrowser === undefined ? 'the pages of the console for a desk' : `the pages of the console for a desk (skipped: ${noBrowser})`,
  () => {
    const engine = engineForTests();
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser.close());

    const open = (user: number | null, width = 1280, timezoneId = 'Europe/Berlin'): Promise<WatchedPage> =>
      openPage(browser, engine.url, user, { viewport: { width, height: 800 }, timezoneId });
    const submit = async (intent: string, user = 1): Promise<number> =>
      (await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', { user_id: user, intent })).body.workflow_id;
    const sees = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
    const cellsOf = async (page: Page, table: string, row: RegExp): Promise<string[]> => {
      const cells = page.getByRole('table', { name: table, exact: true }).getByRole('row', { name: row }).getByRole('cell');
      await cells.first().waitFor();
      return cells.allTextContents();
    };
    const scrollsSideways = (page: Page): Promise<boolean> =>
      page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

    it('say what will appear where there is nothing yet', async () => {
      const { page, complaints } = await open(1);
      await page.goto('/insights');
      await sees(page, 'No run ended in this period');
      await sees(page, 'No step was attempted in this period');
      await sees(page, 'Nobody was asked in this period');
      await page.goto('/schedules');
      await sees(page, 'Nothing is scheduled');
      expect(complaints).toEqual([]);
    });

    it('show the figures of a period as drawings and as tables, and keep the period in the address', async () => {
      await finished(engine.url, await submit('create a grocery list for 3 people'));
      await approveAll(engine.url, await submit('Apply to 1 backend job'));
      const failing = { steps: [{ key: 'search', tool: 'job_search', args: { query: 'alchemist' } }] };
      const { body } = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', {
        user_id: 2,
        plan: failing,
        on_failure: 'fail',
      });
      await finished(engine.url, body.workflow_id);
      const { page, complaints } = await open(1);
      await page.goto('/insights');
      const drawing = page.getByRole('figure', { name: 'Runs by outcome' });
      await drawing.locator('.recharts-bar-rectangle path').first().waitFor();
      await drawing.getByText('Runs by outcome, as a table').click();
      expect(await cellsOf(page, 'Runs by outcome by day', /.*/)).toEqual(['2', '1', '0', '3']);
      expect(await page.locator('dl').first().innerText()).toContain('66.7%');
      expect((await cellsOf(page, 'Attempts by tool', /^grocery_/)).slice(0, 2)).toEqual(['1', '100%']);
      expect((await cellsOf(page, 'Attempts by tool', /^job_search/)).at(-1)).toMatch(/1 × job_search\.no-match/);
      expect((await cellsOf(page, 'Requests by tool', /^job_submit/)).slice(0, 5)).toEqual(['1', '1', '0', '0', '0']);
      expect(await cellsOf(page, 'Decisions by person', /^User 10/)).toEqual(['1', '0']);

      await page.getByRole('link', { name: '24 hours' }).click();
      await page.waitForURL(/from=24h/);
      await page.getByLabel('Runs of user').fill('2');
      await page.waitForURL(/user_id=2/);
      await page.getByRole('table', { name: 'Why runs failed' }).waitFor();
      await page.reload();
      await page.getByRole('link', { name: '24 hours' }).and(page.locator('[aria-current]')).waitFor();
      await page.getByText('Runs by outcome, as a table').click();
      expect(await cellsOf(page, 'Runs by outcome by hour', /.*/)).toEqual(['0', '1', '0', '1']);
      await sees(page, 'Nobody was asked in this period');

      const csv = await page.getByRole('link', { name: 'CSV: Attempts by tool' }).getAttribute('href');
      const answer = await ask<string>(engine.url, 'GET', csv!);
      expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
      expect(answer.body).toContain('job_search');
      expect(answer.body).not.toContain('grocery');
      expect(complaints).toEqual([]);
    });

    it('begin days of the address at midnight of the viewer', async () => {
      const { page, complaints } = await open(1, 1280, 'Asia/Tokyo');
      const asked = page.waitForRequest(/analytics\/summary/);
      await page.goto('/insights?from=2026-02-14&to=2026-02-15');
      const query = new URL((await asked).url()).searchParams;
      expect([query.get('from'), query.get('to'), query.get('time_zone'), query.get('bucket')]).toEqual([
        '2026-02-13T15:00:00.000Z',
        '2026-02-15T15:00:00.000Z',
        'Asia/Tokyo',
        'hour',
      ]);
      await sees(page, 'No run ended in this period');
      expect(complaints).toEqual([]);
    });

    it('tell what a tool takes, whether it can be undone, and how well it works', async () => {
      const { page, complaints } = await open(1);
      await page.goto('/tools');
      const tool = page.getByRole('article', { name: 'job_search', exact: true });
      await tool.getByText(/Arguments of job_search/).click();
      expect(await cellsOf(page, 'Arguments of job_search', /^query/)).toEqual(expect.arrayContaining(['string', 'required']));
      await tool.getByText(/of \d+ attempts? succeeded/).waitFor();
      await page.getByRole('article', { name: 'calendar_create', exact: true }).getByText('Undone by calendar_cancel').waitFor();
      await page.getByRole('article', { name: 'email_send', exact: true }).getByText('Irreversible').waitFor();
      await page.getByLabel('Search in tools').fill('calendar_cancel');
      await page.getByRole('article').nth(2).waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
    });

    it('say whether the engine is well, and what is paused', async () => {
      const { page, complaints } = await open(1);
      await ask(engine.url, 'POST', '/api/pauses', { tool: 'email_send', reason: 'Too many letters' });
      await page.goto('/status');
      await sees(page, 'Everything works');
      for (const part of ['Event store', 'Database', 'Read models', 'Background work']) await sees(page, part);
      await sees(page, 'Too many letters');
      await sees(page, /^Runs 0 of \d+ steps\.$/);
      expect(complaints).toEqual([]);
      const answer = { status: 'unavailable', checks: { event_store: { status: 'failed', error: 'no answer within 2000 ms' } } };
      await page.route('**/health/ready', (route) => route.fulfill({ status: 503, json: answer }));
      await sees(page, 'One part does not work');
      await sees(page, 'no answer within 2000 ms');
      await page.route('**/health/ready', (route) => route.abort());
      await page.reload();
      await sees(page, /^The engine does not answer/);
      await page.unroute('**/health/ready');
      await page.getByRole('button', { name: 'Try again' }).click();
      await sees(page, 'Everything works');
    });

    it('make a schedule, run it now, pause it, lead to its runs and delete it with a second press', async () => {
      const { page, complaints } = await open(7);
      await page.goto('/schedules');
      await page.getByRole('button', { name: 'Make a schedule' }).click();
      await page.getByLabel('What do you want each time?').fill('create a grocery list for 2 people');
      await page.getByLabel('Times (cron)').fill('30 7 * *');
      await sees(page, /^Five fields are wanted/);
      expect(await page.getByRole('button', { name: 'Create the schedule' }).isDisabled()).toBe(true);
      await page.getByLabel('Times (cron)').fill('30 7 * * 1-5');
      await sees(page, 'At 07:30, Monday through Friday, by the clocks of Europe/Berlin.');
      await page.getByLabel('Time zone').fill('America/New_York');
      await page.getByRole('button', { name: 'Create the schedule' }).click();
      const item = page.getByRole('article');
      await item.getByText(/^13:30|, 13:30|12:30/).waitFor();
      await item.getByText(/07:30 in America\/New_York/).waitFor();
      await item.getByRole('button', { name: 'Run it now' }).click();
      await item.getByText(/^Submitted/).waitFor();
      await item.getByRole('button', { name: 'Pause' }).click();
      await item.getByText('Not while it is paused').waitFor();
      await item.getByRole('button', { name: 'Go on' }).click();
      await item.getByRole('button', { name: 'Pause' }).waitFor();
      await item.getByRole('link', { name: 'All its runs' }).click();
      await page.waitForURL(/\/runs\?schedule_id=\d+/);
      await sees(page, 'create a grocery list for 2 people');
      expect(await page.getByRole('listitem').count()).toBe(1);
      await page.getByRole('link', { name: /^schedule \d+$/ }).click();
      await item.getByRole('button', { name: 'Delete…' }).dblclick();
      await item.getByRole('button', { name: 'Yes, delete it' }).waitFor();
      const states = async (): Promise<string[]> =>
        (await ask<{ items: { state: string }[] }>(engine.url, 'GET', '/api/schedules')).body.items.map(({ state }) => state);
      expect(await states()).toEqual(['active']);
      await item.getByRole('button', { name: 'Yes, delete it' }).click();
      await sees(page, 'Nothing is scheduled');
      expect(await eventually(states, ([state]) => state === 'deleted')).toEqual(['deleted']);
      expect(complaints).toEqual([]);
    });

    it('are behind "More" on a phone, and fit the smallest one', async () => {
      const request = await submit('Apply to 1 data job');
      await eventually(
        () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${request}`),
        ({ body }) => body.length > 0,
      );
      const schedule = { user_id: 1, intent: `create a grocery list ${'W'.repeat(300)}`, cron: '@hourly', time_zone: 'Asia/Tokyo' };
      expect((await ask(engine.url, 'POST', '/api/schedules', schedule)).status).toBe(201);
      const { page, complaints } = await open(1, 320);
      await page.goto('/');
      const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
      await links.first().waitFor();
      expect(await links.count()).toBe(4);
      for (const [address, name] of PAGES.map((at) => [at, `${at[1]!.toUpperCase()}${at.slice(2)}`] as const)) {
        await page.getByRole('button', { name: 'More' }).click();
        const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });
        expect((await link.boundingBox())!.height).toBeGreaterThanOrEqual(44);
        await link.click();
        await page.waitForURL(`**${address}**`);
        await page.getByRole('heading', { level: 1, name }).waitFor();
        await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
        for (const summary of await page.locator('main summary').all()) await summary.click();
        expect([address, await scrollsSideways(page)]).toEqual([address, false]);
        expect(await links.count()).toBe(4);
      }
      await page.getByRole('button', { name: 'More' }).click();
      await page.keyboard.press('Escape');
      expect(await links.count()).toBe(4);
      expect(complaints).toEqual([]);
    });
  },
);
