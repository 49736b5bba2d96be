import { readdir } from 'node:fs/promises';
import type { JsonObject } from '../../../src/domain/json.js';
import { summaryOf, summaryProblem } from '../../../src/domain/tool/summary.js';
import { CATALOGUE } from '../../../src/infrastructure/tools/catalogue.js';

describe('the catalogue of tools', () => {
  it('has every connector that there is a file of', async () => {
    const files = await readdir(new URL('../../../src/infrastructure/tools/connectors/', import.meta.url));
    const exported = await Promise.all(
      files.map(async (file) =>
        Object.values((await import(`../../../src/infrastructure/tools/connectors/${file}`)) as Record<string, unknown>),
      ),
    );
    const missing = files.filter((_, index) => !exported[index]!.some((value) => (CATALOGUE as readonly unknown[]).includes(value)));
    expect(missing).toEqual([]);
  });

  it('names each tool in its own way', () => {
    const names = CATALOGUE.map(({ manifest }) => manifest.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  it('has each tool say how a call reads', () => {
    const job = { title: 'Backend Engineer', company: 'Nimbus' };
    const calls: Readonly<Record<string, readonly [args: JsonObject, reads: string]>> = {
      job_search: [{ query: 'backend', location: 'Berlin' }, 'Search for jobs: backend, in Berlin'],
      cv_tailor: [{ job }, 'Tailor the CV to Backend Engineer at Nimbus'],
      job_submit: [{ job }, 'Send the application to Nimbus (Backend Engineer)'],
      job_withdraw: [{ company: 'Nimbus', job_title: 'Backend Engineer' }, 'Withdraw the application to Nimbus (Backend Engineer)'],
      calendar_create: [{ title: 'Gym', times_per_week: 3 }, 'Put "Gym" into the calendar, 3 times a week'],
      calendar_cancel: [{ title: 'Gym' }, 'Cancel "Gym" in the calendar'],
      grocery_plan: [{ days: 3, diet: 'vegan' }, 'List the groceries for 3 days, diet: vegan'],
      email_send: [{ recipient: 'anna@example.com', subject: 'Hi' }, 'Send an e-mail to anna@example.com: Hi'],
    };
    for (const { manifest } of CATALOGUE)
      expect([manifest.name, summaryOf(manifest, calls[manifest.name]![0])]).toEqual([manifest.name, calls[manifest.name]![1]]);
    for (const { manifest } of CATALOGUE) expect([manifest.name, summaryProblem(manifest)]).toEqual([manifest.name, undefined]);
  });
});
