import type { Page } from 'playwright-core';
import { openPage, PATIENCE_MS } from './support/browser.js';
import { consoleForTests, describeInBrowser } from './support/console.js';
import { preparedFolder } from '../integration/read-models/support/prepared-database.js';
import { removeFolder, serveEngine, stopEngine } from './support/engine-process.js';
import { ask, eventually, finished, type ApprovalDto } from './support/http.js';

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  'send to \u202emoc.live@a\u202c now',
  `${'W'.repeat(400)}`,
  'create a grocery list',
].join(' ');

describeInBrowser('the console', () => {
  const shared = consoleForTests();
  const { engine, open, submit, openRequest, sees, scrollsSideways } = shared;
  const card = (page: Page, { approval_id: id }: ApprovalDto) => page.getByRole('article', { name: `Approval ${id}`, exact: true });

  it('asks who one is, shows a new request by itself, takes two presses for L3, and shows the run to its end', async () => {
    const { page, complaints } = await open(null);
    await page.goto('/');
    await sees(page, 'Nothing waits for you');
    await sees(page, /^Live$/);
    const run = await submit('Apply to 1 backend job');
    const request = await openRequest(run);
    const shown = card(page, request);
    await shown.waitFor();
    expect(await shown.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
    await page.getByLabel('Your user number').fill('42');
    await page.getByRole('button', { name: 'Keep it' }).click();
    await shown.getByRole('button', { name: 'Approve', exact: true }).dblclick();
    await shown.getByRole('button', { name: /^Yes, run / }).waitFor();
    expect((await ask<ApprovalDto>(engine.url, 'GET', `/api/approvals/${request.approval_id}`)).body.status).toBe('required');
    await shown.getByRole('button', { name: /^Yes, run / }).click();
    await shown.getByText('Approved by you').waitFor();
    await shown.getByRole('link', { name: `Run ${run} →` }).click();
    await page.getByRole('region', { name: 'Selected step' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/runs/${run}`);
    await page.locator('h1 ~ p').getByText('Succeeded').waitFor();
    await page.locator('.react-flow__node').first().waitFor();
    await sees(page, 'Approval granted by user 42');
    expect((await finished(engine.url, run)).state).toBe('SUCCEEDED');
    expect(complaints).toEqual([]);
  });

  it('of two who decide about one request at once, the first one counts, and both see who it was', async () => {
    const [one, other] = await Promise.all([open(7), open(8)]);
    const request = await openRequest(await submit('Apply to 1 data job'));
    await Promise.all([one, other].map(({ page }) => page.goto('/')));
    await card(one.page, request).getByRole('button', { name: 'Approve', exact: true }).click();
    await card(other.page, request).getByRole('button', { name: 'Reject…' }).click();
    await card(other.page, request).getByLabel('Why not?').fill('Too risky');
    await Promise.all([
      card(one.page, request)
        .getByRole('button', { name: /^Yes, run / })
        .click(),
      card(other.page, request)
        .getByRole('button', { name: /^Reject and/ })
        .click(),
    ]);
    const { body } = await eventually(
      () => ask<ApprovalDto & { decided_by: number }>(engine.url, 'GET', `/api/approvals/${request.approval_id}`),
      ({ body: { status } }) => status !== 'required',
    );
    const word = body.status === 'approved' ? 'Approved' : 'Rejected';
    for (const { page } of [one, other]) {
      await card(page, request)
        .getByText(new RegExp(`^${word} by (you|user ${body.decided_by})$`))
        .waitFor();
    }
    expect([one, other].flatMap(({ complaints }) => complaints).filter((text) => !text.includes('409'))).toEqual([]);
  });

  it('shows hostile words as words, wherever they come from', async () => {
    const run = await submit(HOSTILE);
    const { page, complaints } = await open(1, 320);
    for (const address of ['/runs', `/runs/${run}`]) {
      await page.goto(address);
      await sees(page, /<script>alert\(1\)<\/script> <img src=x onerror=alert\(2\)>/);
      expect(await page.getByText(/send to ⟨U\+202E⟩moc\.live@a⟨U\+202C⟩ now/).count()).toBeGreaterThan(0);
      expect(await page.locator('img').count()).toBe(0);
      expect(await scrollsSideways(page)).toBe(false);
    }
    expect(complaints).toEqual([]);
  });

  it('is usable on the smallest phone, on every page', async () => {
    const run = await submit('Apply to 1 backend job');
    const request = await openRequest(run);
    const { page, complaints } = await open(1, 320);
    for (const [address, text] of [
      ['/', 'Approve'],
      [`/approvals/${request.approval_id}`, 'Approve'],
      ['/runs', 'Apply to 1 backend job'],
      [`/runs/${run}`, 'Timeline'],
      ['/attention', 'Nothing is stuck'],
      ['/new', 'What do you want?'],
    ] as const) {
      await page.goto(address);
      await sees(page, text);
      expect([address, await scrollsSideways(page)]).toEqual([address, false]);
      const tabs = await page.getByRole('navigation').getByRole('link').all();
      for (const tab of tabs) expect((await tab.boundingBox())!.height).toBeGreaterThanOrEqual(44);
      expect(tabs).toHaveLength(4);
    }
    expect(complaints).toEqual([]);
  });

  it('asks for something and shows its run; keeps filters in the address', async () => {
    const { page, complaints } = await open(3);
    await page.goto('/new');
    await page.getByLabel('What do you want?').fill('create a grocery list for 3 people');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('button', { name: 'Run it' }).click();
    await page.getByRole('heading', { level: 1, name: 'create a grocery list for 3 people' }).waitFor();
    await page.locator('h1 ~ p').getByText('Succeeded').waitFor();
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByLabel('Search in intents').fill('grocery list for 3');
    await page.getByLabel('State').selectOption('SUCCEEDED');
    await page.waitForURL(/q=grocery/);
    await page.reload();
    await sees(page, 'create a grocery list for 3 people');
    expect(await page.getByLabel('Search in intents').inputValue()).toBe('grocery list for 3');
    expect(await page.getByRole('listitem').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('says when it is not connected, and goes on by itself when the engine is back', async () => {
    const dataDir = await preparedFolder();
    const first = await serveEngine(dataDir);
    const { page } = await openPage(shared.browser, first.url, 1);
    await page.goto('/');
    await sees(page, /^Live$/);
    await stopEngine(first);
    await sees(page, /^Not connected: what you see may be old/);
    const second = await serveEngine(dataDir, { PORT: new URL(first.url).port });
    await sees(page, /^Live$/);
    await ask(second.url, 'POST', '/api/workflows/submit', { user_id: 1, intent: 'Apply to 1 backend job' });
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    expect(await page.getByText(/^Not connected/).count()).toBe(0);
    await page.close();
    await stopEngine(second);
    await removeFolder(dataDir);
  });

  it('has a failed step tried again with other arguments', async () => {
    const plan = { steps: [{ key: 'search', name: 'Search for alchemists', tool: 'job_search', args: { query: 'alchemist' } }] };
    const { body } = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', { user_id: 1, plan });
    const { page, complaints } = await open(5);
    await page.goto('/attention');
    await page.getByRole('heading', { name: 'Search for alchemists' }).waitFor();
    await page.getByRole('button', { name: 'Try with other arguments…' }).click();
    await page.getByRole('radio', { name: 'JSON' }).check();
    const field = page.getByLabel('Arguments (JSON)');
    await field.fill('{"query": ');
    expect(await page.getByRole('button', { name: 'Try again with these arguments' }).isDisabled()).toBe(true);
    await field.fill('{"query": "backend", "limit": 1}');
    await page.getByRole('button', { name: 'Try again with these arguments' }).click();
    await sees(page, 'Nothing is stuck');
    expect((await finished(engine.url, body.workflow_id, PATIENCE_MS)).state).toBe('SUCCEEDED');
    expect(complaints).toEqual([]);
  });
});
