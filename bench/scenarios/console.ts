import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { EngineUnderTest } from '../engine-under-test.js';
import { inLanes, nowMs, percentile } from '../measuring.js';
import { pairs, wide } from '../plans.js';
import type { Figure, Scenario } from '../scenario.js';

const CHROMIUM = '/usr/bin/chromium';
const LOADS = 5;
/** Row to which a list is scrolled from its start, page after page. */
const ROW = 1_000;
const STEPS = 5_000;
const MIB = 1_048_576;

/** Runs before the page's own scripts: notes when something is there first, on the page's clock, and the longest time in which the page could do nothing else. */
const watch = (selector: string): string => `
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
  }).observe({ type: 'longtask', buffered: true });
  globalThis.appeared = new Promise((resolve) => {
    const look = () => (document.querySelector(${JSON.stringify(selector)}) ? resolve(performance.now()) : requestAnimationFrame(look));
    look();
  });`;

/** Goes to the end of the list again and again until a row is on the screen; answers with how long it took. */
const scrolledTo = (row: number): string => `new Promise((resolve) => {
  const began = performance.now();
  const look = () => {
    const there = document.querySelector('[aria-posinset="${row}"]');
    if (there) {
      there.scrollIntoView({ block: 'center' });
      return requestAnimationFrame(() => resolve(performance.now() - began));
    }
    scrollTo(0, document.documentElement.scrollHeight);
    requestAnimationFrame(look);
  };
  look();
})`;

/** Jumps into the middle of what is loaded; answers with how long it takes until a row is drawn there. */
const JUMPED = `new Promise((resolve) => {
  const began = performance.now();
  scrollTo(0, document.documentElement.scrollHeight / 2);
  const look = () => (document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('li') ? resolve(performance.now() - began) : requestAnimationFrame(look));
  requestAnimationFrame(look);
})`;

async function openAt(browser: Browser, url: string, selector: string): Promise<{ readonly page: Page; readonly appearedMs: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(watch(selector));
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(selector).first().waitFor();
  return { page, appearedMs: await page.evaluate<number>('appeared') };
}

/** MiB of JavaScript objects of a page, after what is not needed was cleared away. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / MIB;
}

/** Loads a page some times, each time in a browser session of its own; the last one stays open. */
async function loads(browser: Browser, url: string, selector: string): Promise<{ readonly page: Page; readonly ms: number }> {
  const times: number[] = [];
  for (;;) {
    const { page, appearedMs } = await openAt(browser, url, selector);
    times.push(appearedMs);
    if (times.length === LOADS) return { page, ms: percentile(times, 50) };
    await page.context().close();
  }
}

/** Makes so many runs of one step, and waits until all have ended and can be read. */
async function makeRuns(engine: EngineUnderTest, count: number): Promise<void> {
  await inLanes(count, 200, (n) => engine.submit(wide(`listed-${n}`, 1), `Order ${n}: a benchmark of the list of runs`));
  for (;;) {
    await engine.caughtUpAfter();
    const { items } = await engine.call<{ readonly items: readonly unknown[] }>('GET', '/api/workflows?state=RUNNING&limit=1');
    if (items.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function listOfRuns(browser: Browser, url: string, count: number): Promise<readonly Figure[]> {
  const { page, ms } = await loads(browser, `${url}/runs`, 'main li');
  const figures: Figure[] = [
    { name: `list of ${count} runs: first rows, p50 of ${LOADS}`, value: ms, unit: 'ms' },
    { name: 'heap of the page then', value: await heapOf(page), unit: 'MiB' },
  ];
  for (const row of [...new Set([Math.min(ROW, count), Math.min(10 * ROW, count)])]) {
    figures.push(
      { name: `scrolled on to row ${row}, page by page`, value: (await page.evaluate<number>(scrolledTo(row))) / 1_000, unit: 's' },
      { name: `heap of the page with ${row} rows loaded`, value: await heapOf(page), unit: 'MiB' },
    );
  }
  figures.push(
    { name: 'a jump into the middle shows rows', value: await page.evaluate<number>(JUMPED), unit: 'ms' },
    { name: 'rows in the document then', value: await page.locator('main li').count(), unit: 'rows' },
    { name: 'longest the page stood still', value: await page.evaluate<number>('longest'), unit: 'ms' },
  );
  const searched = nowMs();
  await page.getByLabel('Search in intents').fill('order 7:');
  await page.locator('main li').getByText('Order 7:').waitFor();
  figures.push({ name: 'found by words of its intent', value: nowMs() - searched, unit: 'ms' });
  await page.context().close();
  return figures;
}

async function largeRun(browser: Browser, engine: EngineUnderTest): Promise<readonly Figure[]> {
  const { workflow_id: id } = await engine.submit(pairs('large', STEPS / 2));
  await engine.follow(`/api/workflows/${id}/stream`);
  await engine.caughtUpAfter();
  const { page, ms } = await loads(browser, `${engine.url}/runs/${id}`, '.react-flow__node');
  await page.locator('section[aria-label=Timeline] li').first().waitFor();
  const figures: Figure[] = [
    { name: `run of ${STEPS} steps: first of its graph, p50 of ${LOADS}`, value: ms, unit: 'ms' },
    { name: 'heap of the page with graph and timeline', value: await heapOf(page), unit: 'MiB' },
    { name: 'longest the page stood still', value: await page.evaluate<number>('longest'), unit: 'ms' },
  ];
  await page.evaluate('globalThis.longest = 0');
  const opened = nowMs();
  await page.getByRole('button', { name: /^Level 2: / }).click();
  await page.locator('.react-flow__node-step').first().waitFor();
  figures.push({ name: `a level of ${STEPS / 2} steps opens`, value: nowMs() - opened, unit: 'ms' });
  await page.waitForTimeout(1_000);
  figures.push(
    { name: 'longest the page stood still meanwhile', value: await page.evaluate<number>('longest'), unit: 'ms' },
    { name: 'heap of the page with it open', value: await heapOf(page), unit: 'MiB' },
  );
  await page.context().close();
  return figures;
}

/** What a browser does with many runs and a large one. */
export const webConsole: Scenario = {
  name: 'console',
  what: '10,000 runs, and one of 5,000 steps, in the console in Chromium',
  async measure(environment, { scale }) {
    if (!existsSync(CHROMIUM)) return []; // as its tests do where there is none
    const engine = await EngineUnderTest.start(environment);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'], headless: true });
    try {
      const count = Math.ceil(10_000 * scale);
      const began = nowMs();
      await makeRuns(engine, count);
      const made: Figure = { name: `made ${count} runs through the API`, value: (nowMs() - began) / 1_000, unit: 's' };
      return [made, ...(await listOfRuns(browser, engine.url, count)), ...(await largeRun(browser, engine))];
    } finally {
      await browser.close();
      await engine.stop();
    }
  },
};
