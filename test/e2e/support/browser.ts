import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long a test waits for something to be seen, in milliseconds. */
export const PATIENCE_MS = 45_000;

/** Why there is no browser; undefined where there is one. */
export const noBrowser: string | undefined = existsSync(CHROMIUM) ? undefined : `there is no ${CHROMIUM} (apt-get install chromium)`;

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS, headless: true, timeout: PATIENCE_MS });

export interface WatchedPage {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, of the policy, of loading. */
  readonly complaints: readonly string[];
}

/** A page of a browser session of its own, of somebody with that number. */
export async function openPage(
  browser: Browser,
  url: string,
  user: number | null,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL: url, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  // A script that is run before those of the page, with the origin's storage.
  if (user !== null) await context.addInitScript(`localStorage.setItem('lifeos.user', '${user}')`);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, complaints };
}
