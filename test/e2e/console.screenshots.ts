import path from 'node:path';
import { openPage, startBrowser } from './support/browser.js';
import { engineForTests, ROOT } from './support/engine-process.js';
import { ask, eventually, finished, workflow } from './support/http.js';

const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;
const INTENT = 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list';

/** Taken anew with `npm run screenshots`. */
describe('the pictures of the console', () => {
  const engine = engineForTests();
  it('are those in docs/images', async () => {
    const submit = async (intent: string): Promise<number> =>
      (await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', { user_id: 1, intent })).body.workflow_id;
    const steps = [{ key: 'search', name: 'Search for alchemists', tool: 'job_search', args: { query: 'alchemist' } }];
    await finished(engine.url, await submit('create a grocery list for 3 people'));
    await ask(engine.url, 'POST', '/api/workflows', { user_id: 2, intent: 'Find work for an alchemist', plan: { steps } });
    const run = await submit(INTENT);
    await eventually(
      () => workflow(engine.url, run),
      ({ waiting_for }) => waiting_for.length === 2,
    );
    const browser = await startBrowser();
    for (const [size, viewport] of Object.entries(SIZES)) {
      const { page } = await openPage(browser, engine.url, 10, { viewport, colorScheme: 'light', reducedMotion: 'reduce' });
      for (const [name, address, ready] of [
        ['inbox', '/', 'article'],
        ['runs', '/runs', 'main li'],
        ['run', `/runs/${run}?step=1`, '.react-flow__node'],
        ['attention', '/attention', 'main li'],
      ] as const) {
        await page.goto(address);
        await page.locator(ready).first().waitFor();
        await page.waitForLoadState('load');
        const file = path.join(ROOT, 'docs', 'images', `${name}-${size}.png`);
        await page.screenshot({ path: file });
      }
    }
    await browser.close();
  });
});
