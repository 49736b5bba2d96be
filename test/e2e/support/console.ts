import type { Browser, Page } from 'playwright-core';
import { noBrowser, openPage, startBrowser, type WatchedPage } from './browser.js';
import { engineForTests } from './engine-process.js';
import { ask, eventually, type ApprovalDto } from './http.js';

/** What the tests of the console share: an engine and a browser for all tests of a block, and acts of people and programs. */
export function consoleForTests() {
  const engine = engineForTests();
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  const startRun = async (path: string, body: object): Promise<number> =>
    (await ask<{ workflow_id: number }>(engine.url, 'POST', path, { user_id: 1, ...body })).body.workflow_id;
  return {
    engine,
    get browser() {
      return browser;
    },
    open: (user: number | null, width = 1280): Promise<WatchedPage> =>
      openPage(browser, engine.url, user, { viewport: { width, height: 800 } }),
    submit: (intent: string): Promise<number> => startRun('/api/workflows/submit', { intent }),
    submitPlan: (steps: readonly object[], intent?: string): Promise<number> =>
      startRun('/api/workflows', { plan: { steps }, ...(intent !== undefined && { intent }) }),
    openRequest: async (run: number): Promise<ApprovalDto> =>
      (
        await eventually(
          () => ask<ApprovalDto[]>(engine.url, 'GET', `/api/approvals/workflow/${run}`),
          ({ body }) => body.some(({ status }) => status === 'required'),
        )
      ).body.find(({ status }) => status === 'required')!,
    sees: (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor(),
    scrollsSideways: (page: Page): Promise<boolean> =>
      page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'),
  };
}

/** A block of tests in a browser, skipped where there is none. */
export const describeInBrowser = (name: string, tests: () => void): void =>
  (noBrowser === undefined ? describe : describe.skip)(noBrowser === undefined ? name : `${name} (skipped: ${noBrowser})`, tests);
