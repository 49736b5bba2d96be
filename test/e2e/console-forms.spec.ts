import type { Locator, Page } from 'playwright-core';
import { seriousViolations } from './support/accessible.js';
import { consoleForTests, describeInBrowser } from './support/console.js';
import { approveAll, ask, eventually, finished, workflow } from './support/http.js';

describeInBrowser('forms of the console', () => {
  const { engine, open, submit, submitPlan, openRequest, sees, scrollsSideways } = consoleForTests();

  const deadLetter = async (name: string, tool = 'job_search', args: object = { query: 'alchemist' }): Promise<number> => {
    const run = await submitPlan([{ key: 'it', name, tool, args }]);
    await eventually(
      () => workflow(engine.url, run),
      ({ waiting_for }) => waiting_for.some(({ kind }) => kind === 'dead_letter'),
    );
    return run;
  };
  const argsOf = async (run: number): Promise<unknown> =>
    (await ask<{ steps: { args: unknown }[] }>(engine.url, 'GET', `/api/workflows/${run}`)).body.steps[0]!.args;

  /** What can be done about the step of the run, and in it a form. */
  const begin = async (page: Page, run: number, what = 'Try with other arguments…'): Promise<Locator> => {
    await page.goto(`/runs/${run}`);
    await page.getByRole('button', { name: what }).first().click();
    const acts = page.locator('form').filter({ hasText: 'Why (for the timeline' });
    await acts.getByRole('radio').first().waitFor();
    return acts;
  };
  const hasFocus = async (one: Locator): Promise<boolean> => (await one.and(one.page().locator(':focus')).count()) > 0;
  const switchTo = (acts: Locator, mode: 'Form' | 'JSON'): Promise<void> => acts.getByRole('radio', { name: mode }).check();
  const jsonOf = async (acts: Locator): Promise<unknown> => JSON.parse(await acts.getByLabel('(JSON)').inputValue()) as unknown;

  it('have a failed step tried again with other arguments, and send no more than was filled in', async () => {
    const run = await deadLetter('Search for gold');
    const { page, complaints } = await open(5);
    const loaded: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('schema-form')) loaded.push(request.url());
    });
    await page.goto('/');
    await sees(page, 'Live');
    await page.goto(`/runs/${run}`);
    await sees(page, 'Search for gold');
    // Who only decides pays nothing for what they do not use.
    expect(loaded).toEqual([]);
    const acts = await begin(page, run);
    expect(loaded.length).toBeGreaterThan(0);
    const query = acts.getByLabel('query');
    expect(await query.inputValue()).toBe('alchemist');
    expect(await query.getAttribute('aria-required')).toBe('true');
    await query.fill('backend');
    await acts.getByLabel('limit').fill('1');
    await acts.getByLabel('remote').selectOption('No');
    await acts.getByLabel('remote').selectOption('–');
    await acts.getByRole('button', { name: 'Try again with these arguments' }).click();
    expect((await finished(engine.url, run)).state).toBe('SUCCEEDED');
    expect(await argsOf(run)).toEqual({ query: 'backend', limit: 1 });
    expect(complaints).toEqual([]);
  });

  it('tell what is wrong at its field, which keys lead to', async () => {
    const run = await deadLetter('Search for errors');
    const { page, complaints } = await open(5);
    const acts = await begin(page, run);
    const limit = acts.getByLabel('limit');
    const send = acts.getByRole('button', { name: 'Try again with these arguments' });
    await limit.fill('some');
    await acts.getByText('This must be a whole number.').first().waitFor();
    await limit.fill('0');
    const told = acts.locator('[id$="limit--error"]');
    await told.getByText('This must be 1 or more.').waitFor();
    expect(await limit.getAttribute('aria-invalid')).toBe('true');
    expect((await limit.getAttribute('aria-describedby'))!.split(' ')).toEqual([
      expect.stringMatching(/limit--description$/),
      await told.getAttribute('id'),
    ]);
    expect(await send.isDisabled()).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
    const way = acts.getByRole('status').getByRole('button', { name: 'limit' });
    await acts.getByLabel('query').focus();
    for (let presses = 0; presses < 20 && !(await hasFocus(way)); presses += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await hasFocus(limit)).toBe(true);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('2');
    await told.waitFor({ state: 'detached' });
    expect(await send.isEnabled()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('keep values when they are switched to JSON and back', async () => {
    const run = await deadLetter('Search for switches');
    const { page, complaints } = await open(5);
    const acts = await begin(page, run);
    await acts.getByLabel('location').fill('Berlin');
    await acts.getByLabel('remote').selectOption('Yes');
    await switchTo(acts, 'JSON');
    expect(await jsonOf(acts)).toEqual({ query: 'alchemist', location: 'Berlin', remote: true });
    await switchTo(acts, 'Form');
    expect(await acts.getByLabel('location').inputValue()).toBe('Berlin');
    await switchTo(acts, 'JSON');
    await acts.getByLabel('(JSON)').fill('{ "query": "data", "limit": 3 }');
    await switchTo(acts, 'Form');
    expect(await acts.getByLabel('query').inputValue()).toBe('data');
    expect(await acts.getByLabel('location').inputValue()).toBe('');
    expect(await acts.getByLabel('limit').inputValue()).toBe('3');
    await switchTo(acts, 'JSON');
    expect(await jsonOf(acts)).toEqual({ query: 'data', limit: 3 });
    // What a form has no field for stays text until it is put right.
    for (const [text, why] of [
      ['{ "query": ', /cannot be a form while it is not JSON/],
      ['{ "query": { "$from": "search" } }', /A form cannot show parts of other steps' outputs \(query\)/],
      ['{ "query": "data", "colour": "red" }', /colour: The tool knows nothing of that name/],
    ] as const) {
      await acts.getByLabel('(JSON)').fill(text);
      await acts.getByText(why).waitFor();
      expect(await acts.getByRole('radio', { name: 'Form' }).isDisabled()).toBe(true);
    }
    expect(complaints).toEqual([]);
  });

  it('have a step completed by hand with an output of the kind that its tool gives', async () => {
    const run = await deadLetter('Search by hand');
    const { page, complaints } = await open(5);
    const acts = await begin(page, run, 'Complete by hand…');
    const send = acts.getByRole('button', { name: 'Complete with this output' });
    expect(await send.isDisabled()).toBe(true);
    const query = acts.getByLabel('query');
    // What is still empty is listed at once, and told at its field once somebody was there.
    await acts.getByRole('status').getByRole('button', { name: 'query' }).click();
    expect(await query.getAttribute('aria-invalid')).toBe('false');
    await page.keyboard.press('Tab');
    await acts.locator('[id$="query--error"]').getByText('Fill this in.').waitFor();
    expect(await query.getAttribute('aria-invalid')).toBe('true');
    await query.fill('by hand');
    await acts.getByLabel('total').fill('1');
    expect(await send.isEnabled()).toBe(true);
    const jobs = acts.getByRole('group', { name: 'jobs', exact: true });
    await jobs.getByRole('button', { name: 'Add to jobs' }).click();
    await jobs.getByRole('button', { name: 'Add to jobs' }).click();
    await jobs.getByRole('button', { name: 'Remove item 2' }).click();
    expect(await hasFocus(jobs)).toBe(true);
    for (const [label, value] of Object.entries({
      job_id: 'a-1',
      title: 'Alchemist',
      company: 'Gold & Co',
      location: 'Prague',
      description: 'Lead',
      url: 'https://gold.example.com/1',
    }))
      await jobs.getByLabel(label).fill(value);
    await jobs.getByLabel('remote').selectOption('No');
    await jobs.getByLabel('min').fill('10');
    await jobs.getByLabel('max').fill('20');
    await jobs.getByLabel('currency').fill('CZK');
    await jobs.getByRole('button', { name: 'Add to skills' }).click();
    await jobs.getByRole('group', { name: 'skills', exact: true }).getByRole('textbox').fill('patience');
    expect(await seriousViolations(page)).toEqual([]);
    await send.click();
    const { steps } = await finished(engine.url, run);
    expect(steps[0]!.output).toEqual({
      query: 'by hand',
      total: 1,
      jobs: [
        {
          job_id: 'a-1',
          title: 'Alchemist',
          company: 'Gold & Co',
          location: 'Prague',
          remote: false,
          salary: { min: 10, max: 20, currency: 'CZK' },
          skills: ['patience'],
          description: 'Lead',
          url: 'https://gold.example.com/1',
        },
      ],
    });
    expect(complaints).toEqual([]);
  });

  it('begin with JSON where arguments take parts of other outputs, and give a shadow other ones', async () => {
    const run = await submit('Apply to 1 backend job');
    await openRequest(run);
    await approveAll(engine.url, run);
    const { body } = await ask<{ steps: { name: string; key: string; tool: string }[] }>(engine.url, 'GET', `/api/workflows/${run}`);
    const [search, tailor] = ['job_search', 'cv_tailor'].map((tool) => body.steps.find((step) => step.tool === tool)!);
    const { page, complaints } = await open(4);
    await page.goto(`/runs/${run}?at=2`);
    await page.getByRole('button', { name: 'Fork from here…' }).click();
    const fork = page.getByRole('form', { name: 'Fork' });
    await fork.getByLabel('Other arguments for').selectOption(tailor!.key);
    await fork.getByLabel(`Arguments of ${tailor!.name} (JSON)`).waitFor();
    await fork.getByText(/A form cannot show parts of other steps' outputs/).waitFor();
    await fork.getByRole('button', { name: 'Leave these arguments as they are' }).click();
    await fork.getByLabel('Other arguments for').selectOption(search!.key);
    await fork
      .getByRole('group', { name: `Arguments of ${search!.name}` })
      .getByLabel('query')
      .first()
      .fill('frontend');
    await fork.getByRole('button', { name: 'Run the shadow' }).click();
    await sees(page, new RegExp(`^A shadow of run ${run} from revision 2`));
    const shadow = Number(/runs\/(\d+)/.exec(page.url())![1]);
    expect(await argsOf(shadow)).toMatchObject({ query: 'frontend' });
    expect(complaints).toEqual([]);
  });

  it('begin with JSON where a value does not fit its schema, and say why', async () => {
    const run = await deadLetter('Search for short words');
    const { page, complaints } = await open(5);
    await page.route('**/api/tools', async (route) => {
      const response = await route.fetch();
      const all = (await response.json()) as { name: string; input_schema: { properties: Record<string, object> } }[];
      all.find(({ name }) => name === 'job_search')!.input_schema.properties['query'] = { type: 'string', maxLength: 3 };
      await route.fulfill({ response, json: all });
    });
    const acts = await begin(page, run);
    expect(await acts.getByRole('radio', { name: 'JSON' }).isChecked()).toBe(true);
    await acts.getByText('It does not fit what the tool takes. query: This must have 3 characters or fewer.').waitFor();
    // In JSON the engine alone judges.
    expect(await acts.getByRole('button', { name: 'Try again with these arguments' }).isEnabled()).toBe(true);
    await switchTo(acts, 'Form');
    expect(await acts.getByLabel('query').getAttribute('aria-invalid')).toBe('true');
    expect(complaints).toEqual([]);
  });

  it('show texts of a schema as texts, on the smallest phone too', async () => {
    const run = await deadLetter('Search for trouble');
    const { page, complaints } = await open(5, 320);
    const hostile = '<img src=x onerror=alert(1)> **bold** [link](javascript:alert(1)) \u202eevil';
    await page.route('**/api/tools', async (route) => {
      const response = await route.fetch();
      const all = (await response.json()) as {
        name: string;
        input_schema: { title?: string; description?: string; properties: Record<string, object> };
      }[];
      const { input_schema: schema } = all.find(({ name }) => name === 'job_search')!;
      schema.title = hostile;
      schema.description = hostile;
      schema.properties['query'] = {
        ...schema.properties['query'],
        title: hostile,
        description: hostile,
        default: hostile,
      };
      schema.properties['when'] = { type: 'string', format: 'date-time', title: 'When' };
      schema.properties['kind'] = { enum: [hostile, 'other'], title: 'Kind' };
      schema.properties['long'] = { type: 'string', maxLength: 5000, title: 'Long' };
      schema.properties['part'] = { type: 'object', title: 'Part', properties: { name: { type: 'string' } }, required: ['name'] };
      schema.properties['<b>"\'/'] = {
        type: 'array',
        items: { type: 'object', properties: { deep: { type: 'string', minLength: 1 } }, required: ['deep'] },
      };
      await route.fulfill({ response, json: all });
    });
    const acts = await begin(page, run);
    const asText = '<img src=x onerror=alert(1)> **bold** [link](javascript:alert(1)) ⟨U+202E⟩evil';
    await acts.getByLabel(asText).first().waitFor();
    expect(await acts.getByText(asText).count()).toBeGreaterThan(2);
    expect(await acts.locator('img, a, strong').count()).toBe(0);
    await acts.getByLabel('Kind').selectOption(asText);
    await acts.getByLabel('When').fill('2026-03-10T18:00:00');
    expect(await acts.getByLabel('Long').and(page.locator('textarea')).count()).toBe(1);
    const part = acts.getByRole('group', { name: 'Part' });
    expect(await part.getByRole('textbox').count()).toBe(0);
    await part.getByRole('button', { name: 'Say this too' }).click();
    await acts.getByRole('status').getByRole('button', { name: 'part › name' }).waitFor();
    expect(await hasFocus(part.getByRole('button'))).toBe(true);
    await part.getByLabel('name').fill('a part');
    await acts.getByRole('button', { name: 'Add to <b>' }).click();
    await acts.getByRole('status').getByRole('button', { name: '<b>' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await switchTo(acts, 'JSON');
    expect(await jsonOf(acts)).toMatchObject({
      query: 'alchemist',
      kind: hostile,
      part: { name: 'a part' },
      when: expect.stringMatching(/^2026-03-1\dT\d\d:\d\d:00Z$/) as string,
    });
    expect(complaints).toEqual([]);
  });

  it("fill in a step's arguments in a plan that is being made", async () => {
    const { page, complaints } = await open(6);
    await page.goto('/new');
    await page.getByLabel('With a plan').check();
    await page.getByRole('button', { name: 'Use the example' }).click();
    const plan = page.getByLabel('Plan (JSON)');
    const step = page.getByLabel('Fill in the arguments of');
    await step.selectOption('Search for data jobs');
    await page.getByLabel('query').fill('backend');
    await page.getByLabel('limit').fill('99');
    expect(await page.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
    await page.getByLabel('limit').fill('2');
    const { steps } = JSON.parse(await plan.inputValue()) as { steps: { args: unknown }[] };
    expect(steps.map(({ args }) => args)).toEqual([{ query: 'backend', limit: 2 }, { job: { $from: 'search', path: '/jobs/0' } }]);
    await step.selectOption('Tailor CV to the job');
    await sees(page, /A form cannot show parts of other steps' outputs \(job\)/);
    await page.getByLabel('Arguments of Tailor CV to the job (JSON)').fill('{');
    expect(await page.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
    // What is edited in the plan itself is what holds.
    await plan.fill(JSON.stringify({ steps }));
    expect(await step.inputValue()).toBe('');
    await page.getByRole('button', { name: 'Preview' }).click();
    await sees(page, 'What would happen');
    expect(await seriousViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
