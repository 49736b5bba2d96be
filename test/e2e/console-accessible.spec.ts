import type { Locator, Page } from 'playwright-core';
import { seriousViolations } from './support/accessible.js';
import { openPage } from './support/browser.js';
import { consoleForTests, describeInBrowser } from './support/console.js';
import { approveAll, ask, eventually, finished, workflow, type ApprovalDto } from './support/http.js';

/** How many runs the list has: more than it reads at once. */
const RUNS = 230;
/** What may come to a page while one goes through it. */
const SPARE = 12;
/** Rules of axe that are about colours. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

const GATED = {
  steps: [
    { key: 'low', name: 'Food for one', tool: 'grocery_plan', args: { people: 1, days: 1 }, risk_level: 'L2' },
    { key: 'high', name: 'Food for two', tool: 'grocery_plan', args: { people: 2, days: 1 }, risk_level: 'L3' },
  ],
};
const STUCK = { steps: [{ key: 'search', name: 'Search for alchemists', tool: 'job_search', args: { query: 'alchemist' } }] };

interface Visit {
  readonly address: string;
  /** What is there once the page is. */
  readonly ready: string;
  /** Opens what is folded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

describeInBrowser('the console, for everybody', () => {
  const shared = consoleForTests();
  const { engine, submit, openRequest, scrollsSideways } = shared;
  let run: number;
  let shadow: number;
  let request: ApprovalDto;
  const visits = (): readonly Visit[] => [
    { address: '/', ready: 'article' },
    { address: `/approvals/${request.approval_id}`, ready: 'article' },
    { address: '/runs?q=job', ready: 'main li' },
    { address: '/runs?q=nothing-is-like-that', ready: 'main h2' },
    { address: `/runs/${run}?step=3`, ready: '.react-flow__node' },
    { address: `/runs/${run}?step=3&as=waterfall`, ready: '[role=option]' },
    { address: `/runs/${run}?step=3&as=steps`, ready: 'section[aria-label=Steps] li' },
    { address: `/runs/${run}?at=4`, ready: '.react-flow__node' },
    { address: `/runs/${shadow}`, ready: 'main table' },
    {
      address: `/runs/${run}?as=waterfall`,
      ready: '[role=option]',
      prepare: (page) => page.getByRole('button', { name: 'Fork from here…' }).click(),
    },
    { address: '/runs/999999', ready: '[role=alert]' },
    { address: '/new', ready: 'textarea' },
    { address: '/attention', ready: 'main li' },
    { address: '/insights', ready: '.recharts-bar-rectangle path' },
    { address: '/tools', ready: 'article', prepare: (page) => page.locator('article summary').first().click() },
    { address: '/schedules', ready: 'article', prepare: (page) => page.getByText('New schedule').click() },
    { address: '/status', ready: 'main section' },
    // The engine answers itself where it knows no page: only a link within the console leads there.
    {
      address: '/status',
      ready: 'main section',
      prepare: (page) => page.evaluate(TO_NOWHERE).then(() => page.getByText('There is no such page').waitFor()),
    },
  ];
  const visit = async (page: Page, { address, ready, prepare }: Visit): Promise<void> => {
    await page.goto(address);
    await page.locator(ready).first().waitFor();
    await prepare?.(page);
  };
  const open = (width: number, more: object = {}) =>
    openPage(shared.browser, engine.url, 42, { viewport: { width, height: 800 }, reducedMotion: 'reduce', ...more });
  const begin = async (plan: object): Promise<number> =>
    (await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', { user_id: 1, plan, require_approval_from: 'L2' })).body
      .workflow_id;
  const requestsOf = async (of: number, count: number): Promise<ApprovalDto[]> =>
    (
      await eventually(
        () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${of}`),
        ({ body }) => body.length === count,
      )
    ).body;
  const isFocused = async (locator: Locator): Promise<boolean> => (await locator.and(locator.page().locator(':focus')).count()) === 1;
  /** Waits for what is so on the page; not with the browser's own waiting, which the policy of the page forbids. */
  const holds = (page: Page, what: string): Promise<unknown> =>
    eventually(
      () => page.evaluate<boolean>(what),
      (is) => is,
    );
  /** Goes on with a key until the element has the focus. */
  const goTo = async (page: Page, locator: Locator, key = 'Tab', most = 150): Promise<void> => {
    await locator.waitFor();
    for (let moves = 0; !(await isFocused(locator)); moves++) {
      if (moves > most) throw new Error(`${key} does not lead to ${String(locator)}`);
      await page.keyboard.press(key);
    }
  };

  beforeAll(async () => {
    run = await submit('Apply to 1 backend job');
    const { approval_id: _, ...first } = await openRequest(run);
    const { revision } = await approveAll(engine.url, run);
    ({ workflow_id: shadow } = (
      await ask<{ workflow_id: number }>(engine.url, 'POST', `/api/workflows/${run}/fork`, {
        revision: Math.min(6, revision),
        shadow: true,
        decisions: { [(await workflow(engine.url, run)).steps.find(({ step_id }) => step_id === first.step_id)!.key]: 'reject' },
      })
    ).body);
    await finished(engine.url, shadow);
    await begin(STUCK);
    await ask(engine.url, 'POST', '/api/schedules', {
      user_id: 1,
      intent: 'create a grocery list for 3 people',
      cron: '30 10 * * 1',
      time_zone: 'Europe/Berlin',
    });
    request = await openRequest(await submit('Apply to 1 data job'));
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let n = 0; n < RUNS / 8; n++) await submit('create a grocery list for 3 people');
      }),
    );
  });

  it('keeps nobody out on any page: in light and dark, on a desk and on the smallest phone, without scrolling sideways, with Tab alone', async () => {
    const found: unknown[] = [];
    const look = async (width: number): Promise<void> => {
      const { page } = await open(width);
      for (const one of visits()) {
        await visit(page, one);
        const note = (...what: readonly unknown[]): void => void found.push([one.address, width, ...what]);
        if (await scrollsSideways(page)) note('scrolls sideways');
        await page.emulateMedia({ colorScheme: 'light' });
        for (const violation of await seriousViolations(page)) note('light', violation);
        // The same page in other colours.
        await page.emulateMedia({ colorScheme: 'dark' });
        for (const violation of await seriousViolations(page, COLOURS)) note('dark', violation);
        const count = await page.evaluate<number>(WATCH_FOCUS);
        for (let moves = 0; moves < count + SPARE; moves++) await page.keyboard.press('Tab');
        for (const what of await page.evaluate<readonly string[]>('watched()')) note(what);
      }
    };
    await Promise.all([1280, 320].map(look));
    expect(found).toEqual([]);
  });

  it('has a title for each page, and leads on from where a link led', async () => {
    const { page, complaints } = await open(1280);
    await page.goto('/runs?q=grocery');
    await page.locator('main li a').first().waitFor();
    expect(await page.title()).toBe('Runs · Life OS');
    await goTo(page, page.locator('main li a').first());
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/runs\/\d+/);
    await holds(page, `/^Run \\d+ · Life OS$/.test(document.title)`);
    await holds(page, `document.activeElement === document.querySelector('main')`);
    await page.goto('/');
    await goTo(page, page.getByRole('link', { name: 'To the content' }), 'Tab', 2);
    await page.keyboard.press('Enter');
    await holds(page, `location.hash === '#main'`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate<boolean>(`document.querySelector('main').contains(document.activeElement)`)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('takes decisions, with a reason, from the keyboard alone', async () => {
    const [low, high] = await requestsOf(await begin(GATED), 2);
    const { page, complaints } = await open(320);
    const card = ({ approval_id: id }: ApprovalDto) => page.getByRole('article', { name: `Approval ${id}`, exact: true });
    await page.goto('/');
    const approve = card(high!).getByRole('button', { name: 'Approve', exact: true });
    await card(high!).getByText(', nothing else.').waitFor();
    await goTo(page, approve);
    await page.keyboard.press('Enter');
    const second = card(high!).getByRole('button', { name: /^Yes, run / });
    await eventually(
      () => second.getAttribute('aria-disabled'),
      (value) => value !== 'true',
    );
    await page.keyboard.press('Enter');
    await card(high!).getByText('Approved by you').waitFor();
    await goTo(page, card(low!).getByRole('button', { name: 'Reject…' }));
    await page.keyboard.press('Enter');
    await page.keyboard.type('Not this week');
    await page.keyboard.press('Enter');
    await card(low!)
      .getByText(/^Rejected by you/)
      .waitFor();
    await card(low!).getByText('Not this week').waitFor();
    expect(complaints).toEqual([]);
  });

  it('cancels a run from the keyboard alone', async () => {
    const waiting = await begin(GATED);
    await requestsOf(waiting, 2);
    const { page, complaints } = await open(1280);
    await page.goto(`/runs/${waiting}`);
    await goTo(page, page.getByRole('button', { name: 'Cancel…' }));
    await page.keyboard.press('Enter');
    await page.keyboard.type('Not needed');
    await page.keyboard.press('Enter');
    await page.locator('h1 ~ p').getByText('Cancelled').waitFor();
    expect((await workflow(engine.url, waiting)).state).toBe('CANCELLED');
    expect(complaints).toEqual([]);
  });

  it('loads more of a list with a button, and goes on with the first row that came', async () => {
    const { page, complaints } = await open(1280);
    await page.goto('/runs');
    await page.locator('main li').first().waitFor();
    const button = page.getByRole('button', { name: 'Load more' });
    await button.focus();
    expect(await page.locator('main li').count()).toBe(100);
    await page.keyboard.press('Enter');
    await holds(page, `document.activeElement.closest('li')?.ariaPosInSet === '101'`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>(`document.activeElement.closest('li').ariaPosInSet`)).toBe('102');
    expect(complaints).toEqual([]);
  });

  it('draws of a long list what is seen, keeps what has the focus, and comes back to where it was', async () => {
    const { page, complaints } = await open(1280);
    await page.goto('/runs');
    await page.locator('main li a').first().focus();
    const first = await page.locator('main li a').first().getAttribute('href');
    for (let n = 0; n < 200 && (await page.locator(`[aria-posinset="${RUNS}"]`).count()) === 0; n++) {
      await page.mouse.wheel(0, 3_000);
      await page.waitForTimeout(20);
    }
    await page.locator(`[aria-posinset="${RUNS}"]`).waitFor();
    expect(await page.locator('main li').count()).toBeLessThan(60);
    expect(await page.evaluate<string | null>(`document.activeElement.getAttribute('href')`)).toBe(first);
    await page.keyboard.press('Tab');
    await holds(page, `document.activeElement.closest('li')?.ariaPosInSet === '2' && scrollY < 400`);
    await page.evaluate('scrollTo(0, 8000)');
    const seen = page.locator('main li a').nth(10);
    // The list may move a little for rows that it had not measured.
    await holds(page, 'scrollY > 7000');
    await seen.waitFor();
    const href = await seen.getAttribute('href');
    await page.locator(`main a[href="${href}"]`).click();
    await page.waitForURL(/\/runs\/\d+/);
    await holds(page, 'scrollY === 0');
    await page.goBack();
    await page.locator(`main a[href="${href}"]`).waitFor();
    expect(await page.evaluate<boolean>(`Math.abs(scrollY - 8000) < 400`)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('tells times by the clocks of whoever looks', async () => {
    const { body } = await ask<{ created_at: string }>(engine.url, 'GET', `/api/workflows/${run}`);
    const titles = [];
    for (const timezoneId of ['Pacific/Auckland', 'America/New_York']) {
      const { page } = await open(1280, { timezoneId, locale: 'en-GB' });
      await page.goto(`/runs/${run}`);
      const told = await page.locator('h1 ~ p time').first().getAttribute('title');
      const expected = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: timezoneId });
      expect(told).toBe(expected.format(new Date(body.created_at)));
      titles.push(told);
      await page.goto('/schedules');
      await page.getByText(`Times are those of ${timezoneId}`).waitFor();
      await page.getByText('in Europe/Berlin').first().waitFor();
    }
    expect(new Set(titles).size).toBe(2);
  });

  it('says what went wrong and offers a way on: nothing answers, more cannot be loaded, there is no such run', async () => {
    const { page } = await open(320);
    await page.goto('/runs');
    await page.locator('main li').first().waitFor();
    await page.route('**/api/workflows?*cursor=*', (route) => route.abort());
    await page.getByRole('button', { name: 'Load more' }).focus();
    await page.keyboard.press('Enter');
    const again = page.getByRole('button', { name: 'Try to load more again' });
    await again.waitFor();
    await page.getByText('The engine does not answer. Is it running, and are you connected?').waitFor();
    await page.unroute('**/api/workflows?*cursor=*');
    await again.click();
    await page.locator('[aria-posinset="101"]').waitFor();
    await page.goto('/runs/999999');
    await page.getByRole('alert').waitFor();
    await page.getByRole('link', { name: 'To all runs' }).click();
    await page.locator('main li').first().waitFor();
  });

  it('folds the levels of a plan of thousands of steps, opens them, and tells all of it as a list', async () => {
    const pairs = 250;
    const step = (key: string, after: readonly string[]) => ({
      key,
      name: `Step ${key}`,
      tool: 'grocery_plan',
      args: { people: 1, days: 1 },
      depends_on: after,
    });
    const numbers = [...Array(pairs).keys()];
    const large = await begin({ steps: [...numbers.map((n) => step(`a${n}`, [])), ...numbers.map((n) => step(`b${n}`, [`a${n}`]))] });
    expect((await finished(engine.url, large)).state).toBe('SUCCEEDED');
    const { page, complaints } = await open(1280);
    await page.goto(`/runs/${large}`);
    const level = page.getByRole('button', { name: `Level 2: ${pairs} steps of grocery_plan` });
    await level.getByText(`${pairs} succeeded`).waitFor();
    expect(await page.locator('.react-flow__node').count()).toBe(2);
    await goTo(page, level);
    await page.keyboard.press('Enter');
    const fold = page.getByRole('button', { name: 'Fold equal steps' });
    await eventually(
      () => isFocused(fold),
      (is) => is,
    );
    await page.locator('.react-flow__node-step').first().waitFor();
    expect(await page.locator('.react-flow__node').count()).toBeLessThan(60);
    await page.getByRole('button', { name: 'Steps', exact: true }).click();
    const list = page.getByRole('list', { name: 'Steps of the plan' });
    await list.locator(`[aria-posinset="2"][aria-setsize="${2 * pairs}"]`).waitFor();
    expect(await list.locator('li').count()).toBeLessThan(60);
    await page.getByLabel('Search in steps').fill('step b7');
    await list.getByRole('button', { name: /Step b77.*, after Step a77/ }).click();
    await page.getByRole('region', { name: 'Selected step' }).getByRole('heading', { name: 'Step b77' }).waitFor();
    expect(complaints).toEqual([]);
  });
});

/** Goes to an address that has no page, as a link within the console would. */
const TO_NOWHERE = `history.pushState({}, '', '/no-such-page'); dispatchEvent(new PopStateEvent('popstate'))`;

/** Notes what gets the focus, and whether it is seen then: with an outline or a ring of its own, on the screen, and not behind the tabs of a phone. Answers with how much can be focused. */
const WATCH_FOCUS = `(() => {
  const name = (element) => element.outerHTML.slice(0, 160);
  const wanted = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(
    (element) =>
      !element.disabled &&
      element.tabIndex >= 0 &&
      element.checkVisibility({ visibilityProperty: true }) &&
      !(element.type === 'radio' && !element.checked),
  );
  const reached = new Set();
  const unseen = new Map();
  document.addEventListener('focusin', ({ target }) => {
    if (reached.has(target)) return;
    reached.add(target);
    const isMarked = (element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none';
    };
    const { left, top, right, bottom } = target.getBoundingClientRect();
    const [x, y] = [(Math.max(0, left) + Math.min(innerWidth, right)) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2];
    const there = document.elementFromPoint(x, y);
    const isOver = there?.closest('nav') && !target.closest('nav');
    if (!isMarked(target) && !isMarked(target.firstElementChild ?? target)) unseen.set(target, 'has no mark of the focus');
    else if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) unseen.set(target, 'is not on the screen');
    else if (isOver) unseen.set(target, 'is behind the tabs');
  });
  globalThis.watched = () => [
    ...wanted.filter((element) => element.isConnected && !reached.has(element)).map((element) => 'not reached: ' + name(element)),
    ...[...unseen].map(([element, why]) => why + ': ' + name(element)),
  ];
  return wanted.length;
})()`;
