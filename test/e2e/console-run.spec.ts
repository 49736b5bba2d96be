import { consoleForTests, describeInBrowser } from './support/console.js';
import { approveAll, ask, finished, workflow, type WorkflowDto } from './support/http.js';

describeInBrowser("a run's page in the console", () => {
  const { engine, open, submit, submitPlan, openRequest, sees, scrollsSideways } = consoleForTests();

  /** A run with an approval that was granted, and the revision at which it was asked for. */
  const approvedRun = async (): Promise<{ readonly run: number; readonly asked: number; readonly last: number; readonly step: number }> => {
    const run = await submit('Apply to 1 backend job');
    const { step_id: step } = await openRequest(run);
    const { body } = await ask<{ events: { id: number; type: string }[] }>(engine.url, 'GET', `/api/workflows/${run}/timeline`);
    const asked = body.events.find(({ type }) => type === 'approval_required')!.id;
    const { revision } = await approveAll(engine.url, run);
    return { run, asked, last: revision, step };
  };

  it('turns back to any event with the keyboard, marks what the event changed, and returns to now', async () => {
    const { run, asked, last, step } = await approvedRun();
    const { page, complaints } = await open(1);
    const then: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/state?')) then.push(request.url());
    });
    await page.goto(`/runs/${run}`);
    await page.locator('h1 ~ p').getByText('Succeeded').waitFor();
    const slider = page.getByLabel('As of', { exact: true }).and(page.locator('input'));
    expect(await slider.getAttribute('aria-valuetext')).toBe('now');
    expect(then).toEqual([]);
    await slider.focus();
    for (let revision = last; revision > asked; revision -= 1) await page.keyboard.press('ArrowLeft');
    await page.waitForURL(new RegExp(`at=${asked}`));
    await sees(page, new RegExp(`the run as it was after event ${asked} of ${last}`));
    // It was moved over many events, and asked for few.
    expect(then.length).toBeLessThan(last - asked);
    await page.locator('h1 ~ p').getByText('Waiting').waitFor();
    await page.getByRole('region', { name: 'Changed by this event' }).waitFor();
    await page.locator('.react-flow__node').getByText('changed').first().waitFor();
    expect(await page.getByRole('button', { name: 'Run again what did not succeed' }).count()).toBe(0);
    await page.getByRole('region', { name: 'Changed by this event' }).getByRole('button').first().click();
    await page.waitForURL(new RegExp(`step=${step}`));
    await page.getByRole('region', { name: 'Selected step' }).getByText('Changed by this event').waitFor();
    await page.reload();
    await sees(page, /This is the past/);
    const before = then.length;
    await page.getByRole('button', { name: 'One event later' }).click();
    await page.waitForURL(new RegExp(`at=${asked + 1}`));
    await page.getByRole('button', { name: 'One event earlier' }).click();
    await sees(page, new RegExp(`the run as it was after event ${asked} of ${last}`));
    // What was seen before is not asked for again.
    expect(then.length).toBe(before + 1);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.locator('h1 ~ p').getByText('Succeeded').waitFor();
    expect(page.url()).not.toContain('at=');
    expect(await page.getByText('This is the past').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('stays at now while the run goes on', async () => {
    const run = await submit('Apply to 1 backend job');
    await openRequest(run);
    const { page } = await open(1);
    await page.goto(`/runs/${run}`);
    await page.locator('h1 ~ p').getByText('Waiting').waitFor();
    const { revision } = await approveAll(engine.url, run);
    await page.locator('h1 ~ p').getByText('Succeeded').waitFor();
    const slider = page.getByLabel('As of', { exact: true }).and(page.locator('input'));
    await page.locator(`input[type=range][max="${revision}"]`).waitFor();
    expect(await slider.inputValue()).toBe(String(revision));
  });

  it('says that there is no such event, and leads back', async () => {
    const { run } = await approvedRun();
    const { page } = await open(1);
    await page.goto(`/runs/${run}?at=9999`);
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.locator('h1 ~ p').getByText('Succeeded').waitFor();
  });

  it('shows what would have happened: a shadow with another decision and other arguments, beside its original', async () => {
    const { run, asked, step } = await approvedRun();
    const before = await workflow(engine.url, run);
    const { page, complaints } = await open(4);
    await page.goto(`/runs/${run}?at=${asked}`);
    await page.getByRole('button', { name: 'Fork from here…' }).click();
    const fork = page.getByRole('form', { name: 'Fork' });
    const decided = (await ask<{ steps: { step_id: number; name: string; key: string }[] }>(engine.url, 'GET', `/api/workflows/${run}`))
      .body.steps;
    const { name, key } = decided.find(({ step_id }) => step_id === step)!;
    await fork.getByLabel('Other arguments for').selectOption(key);
    await fork.getByRole('radio', { name: 'JSON' }).check();
    const args = fork.getByLabel(`Arguments of ${name} (JSON)`);
    const own = JSON.parse(await args.inputValue()) as Record<string, unknown>;
    await args.fill('{');
    expect(await fork.getByRole('button', { name: 'Run the shadow' }).isDisabled()).toBe(true);
    await args.fill(JSON.stringify(own));
    await fork.getByLabel(name, { exact: true }).selectOption('Reject');
    await fork.getByRole('button', { name: 'Run the shadow' }).click();
    await sees(page, new RegExp(`^A shadow of run ${run} from revision ${asked}: nothing is called$`));
    const shadow = Number(/runs\/(\d+)/.exec(page.url())![1]);
    expect((await finished(engine.url, shadow)).state).toBe('SUCCEEDED');
    const beside = page.getByRole('region', { name: 'Beside the original' });
    const row = beside.getByRole('row').filter({ hasText: name });
    await row.getByText('Skipped').waitFor();
    await row.getByText('Succeeded').waitFor();
    for (const act of ['Run again what did not succeed', 'Fork from here…'])
      expect(await page.getByRole('button', { name: act }).count()).toBe(0);
    await beside.getByRole('link', { name: `Run ${run}` }).click();
    await page.getByRole('link', { name: `what if: shadow ${shadow}` }).waitFor();
    await page.goto('/runs');
    await sees(page, `Shadow of run ${run}`);
    const { revision, state } = await workflow(engine.url, run);
    expect({ revision, state }).toEqual({ revision: before.revision, state: before.state });
    expect(complaints).toEqual([]);
  });

  it('shows attempts and waits in time; what is selected in one view is selected in the others', async () => {
    const { run, step } = await approvedRun();
    const { page, complaints } = await open(1);
    await page.goto(`/runs/${run}`);
    await page.getByRole('button', { name: 'Waterfall' }).click();
    const rows = page.getByRole('listbox', { name: 'Steps in time' });
    const row = rows.locator(`#bar-${step}`);
    expect(await row.getAttribute('aria-label')).toMatch(/Waits for an approval: .*Attempt 1 succeeded: /);
    await row.click();
    await page.getByRole('region', { name: 'Selected step' }).waitFor();
    expect(await row.getAttribute('aria-selected')).toBe('true');
    await rows.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(new RegExp(`step=${step}`));
    await page.getByRole('region', { name: 'Timeline' }).locator('[aria-pressed=true]').waitFor();
    await page.reload();
    await rows.waitFor();
    await page.getByRole('button', { name: 'Graph' }).click();
    await page.locator('.react-flow__node.selected').waitFor();
    expect(complaints).toEqual([]);
  });

  it('folds many equal steps into one box that can be opened, and dims what is filtered out', async () => {
    const equal = Array.from({ length: 40 }, (_, index) => ({
      key: `list-${index}`,
      name: `List ${index}`,
      tool: 'job_search',
      args: { query: 'backend' },
      depends_on: ['first'],
    }));
    const run = await submitPlan([{ key: 'first', name: 'First', tool: 'job_search', args: { query: 'backend' } }, ...equal]);
    const last: WorkflowDto = await finished(engine.url, run);
    expect(last.state).toBe('SUCCEEDED');
    const { page, complaints } = await open(1);
    await page.goto(`/runs/${run}`);
    const group = page.getByRole('button', { name: /^40 equal steps/ });
    await group.getByText('40 succeeded').waitFor();
    expect(await page.locator('.react-flow__node').count()).toBe(2);
    await page.getByLabel('Steps of tool').selectOption('job_search');
    await group.click();
    await page.getByRole('button', { name: 'Fold equal steps' }).waitFor();
    await page.locator('.react-flow__node').nth(40).waitFor();
    expect(complaints).toEqual([]);
  });

  it('is usable on the smallest phone, in the past and as a shadow', async () => {
    const { run, asked } = await approvedRun();
    const { body } = await ask<{ workflow_id: number }>(engine.url, 'POST', `/api/workflows/${run}/fork`, {
      revision: asked,
      shadow: true,
    });
    const { page, complaints } = await open(1, 320);
    for (const [address, text] of [
      [`/runs/${run}?at=${asked}`, 'This is the past'],
      [`/runs/${run}?as=waterfall`, 'waiting'],
      [`/runs/${body.workflow_id}`, 'Beside the original'],
    ] as const) {
      await page.goto(address);
      await sees(page, text);
      expect([address, await scrollsSideways(page)]).toEqual([address, false]);
    }
    expect(complaints).toEqual([]);
  });
});
