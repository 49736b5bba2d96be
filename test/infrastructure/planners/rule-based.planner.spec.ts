import fc from 'fast-check';
import type { PlanningResult } from '../../../src/application/ports/planner.js';
import type { PlanStep } from '../../../src/domain/plan/plan.js';
import { validatePlan } from '../../../src/domain/plan/validate-plan.js';
import { RuleBasedPlanner } from '../../../src/infrastructure/planners/rule-based/rule-based.planner.js';
import { createTools } from '../../../src/infrastructure/tools/create-tools.js';

const QUICK_START = 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list';

/** A Saturday. */
const submittedAt = '2026-02-14T10:00:00.000Z';
const rules = new RuleBasedPlanner();
const planner = { plan: (intent: string, timeZone = 'UTC') => rules.plan({ intent, timeZone, submittedAt }) };
const tools = createTools({ outboxDir: '/nonexistent', clock: { now: () => 0 } });

async function stepsOf(intent: string): Promise<readonly PlanStep[]> {
  const result = await planner.plan(intent);
  if (result.kind === 'no-plan') throw new Error(`no plan for "${intent}": ${result.reason}`);
  validatePlan(result.plan, tools);
  return result.plan.steps;
}

const toolsOf = async (intent: string): Promise<string> => {
  const counts = new Map<string, number>();
  for (const { tool } of await stepsOf(intent)) counts.set(tool, (counts.get(tool) ?? 0) + 1);
  return [...counts].map(([tool, count]) => `${count} ${tool}`).join(', ');
};

const refusalOf = async (intent: string): Promise<{ code: string; reason: string }> => {
  const result = await planner.plan(intent);
  if (result.kind === 'plan') throw new Error(`a plan for "${intent}": ${JSON.stringify(result.plan)}`);
  return result;
};

describe('the rule-based planner', () => {
  it('plans the intent of the quick start', async () => {
    const steps = await stepsOf(QUICK_START);
    expect(steps.map(({ tool, name }) => `${tool}: ${name}`)).toEqual([
      'job_search: Search for backend jobs',
      'cv_tailor: Tailor CV to backend job 1',
      'job_submit: Submit job application 1',
      'cv_tailor: Tailor CV to backend job 2',
      'job_submit: Submit job application 2',
      'calendar_create: Create gym events (3x weekly)',
      'grocery_plan: Generate grocery list',
    ]);
  });

  it('passes jobs and CVs on by reference', async () => {
    const [search, tailor, submit] = await stepsOf('Apply to 1 backend job');
    expect(search).toMatchObject({ key: 'search_backend_jobs', args: { query: 'backend', limit: 1, at_least: 1 }, dependsOn: [] });
    expect(tailor).toMatchObject({
      name: 'Tailor CV to job',
      args: { job: { $from: search!.key, path: '/jobs/0' } },
      dependsOn: [search!.key],
    });
    expect(submit).toMatchObject({
      name: 'Submit job application',
      args: { job: { $from: search!.key, path: '/jobs/0' }, cv_markdown: { $from: tailor!.key, path: '/markdown' } },
      dependsOn: [search!.key, tailor!.key],
    });
  });

  const JOBS = (count: number): string => `1 job_search, ${count} cv_tailor, ${count} job_submit`;
  it.each([
    ['Apply to 2 backend jobs', JOBS(2)],
    ['apply for three remote data engineer positions in Berlin', JOBS(3)],
    ['find me a frontend job and apply', JOBS(1)],
    ['Find 2 data jobs in London, tailor my CV and apply to them.', JOBS(2)],
    ['search for a couple of QA jobs, then apply to both', JOBS(2)],
    ['please apply to a product manager role', JOBS(1)],
    ['Apply to jobs', JOBS(2)],
    ['apply to 2 backend jobs and 3 frontend jobs', '2 job_search, 5 cv_tailor, 5 job_submit'],
    ['apply to 2 backend and 1 frontend jobs', '2 job_search, 3 cv_tailor, 3 job_submit'],
    ['apply to twenty jobs as a data engineer', JOBS(20)],
    ['find 5 devops jobs', '1 job_search'],
    ['find three design jobs and tailor my CV', '1 job_search, 3 cv_tailor'],
    ['gym 3x this week', '1 calendar_create'],
    ['yoga twice a week and running 3x a week', '2 calendar_create'],
    ['buy milk and eggs', '1 grocery_plan'],
    ['buy milk, eggs and bread; yoga twice a week', '1 grocery_plan, 1 calendar_create'],
    ['buy milk and go running every day', '1 grocery_plan, 1 calendar_create'],
    ['create a grocery list then email anna@example.com about dinner', '1 grocery_plan, 1 email_send'],
    ['email a@example.com and b@example.com about lunch', '2 email_send'],
    ['1. apply to 2 backend jobs\n2. gym 3x this week\n3. meal plan for 5 days', `${JOBS(2)}, 1 calendar_create, 1 grocery_plan`],
    ['🏋️ gym 3x this week & 🛒 groceries please!', '1 calendar_create, 1 grocery_plan'],
    ['Could you create a meal plan for 5 days, vegetarian, and also schedule yoga daily? Thanks', '1 grocery_plan, 1 calendar_create'],
  ])('understands "%s"', async (intent, expected) => {
    expect(await toolsOf(intent)).toBe(expected);
  });

  it.each([
    [
      'apply for three remote data engineer positions in Berlin',
      { query: 'data engineer', limit: 3, at_least: 3, location: 'Berlin', remote: true },
    ],
    ['apply to 2 jobs at Ferrous Ledger', { query: 'Ferrous Ledger', limit: 2, at_least: 2 }],
    ['find backend jobs', { query: 'backend', limit: 5 }],
    ['schedule gym 3x this week', { title: 'Gym', times_per_week: 3 }],
    ['yoga twice a week', { title: 'Yoga', times_per_week: 2 }],
    ['go running every day', { title: 'Running', times_per_week: 7 }],
    ['go to the gym three times a week for 4 weeks', { title: 'Gym', times_per_week: 3, weeks: 4 }],
    [
      'schedule piano practice on Monday and Thursday at 18:00',
      { title: 'Piano practice', times_per_week: 2, days: ['MO', 'TH'], time: '18:00' },
    ],
    ['gym 3x this week for 45 minutes', { title: 'Gym', times_per_week: 3, duration_minutes: 45 }],
    [
      'Gym on Mon, Wed and Fri at 7am for an hour',
      { title: 'Gym', times_per_week: 3, days: ['MO', 'WE', 'FR'], time: '07:00', duration_minutes: 60 },
    ],
    ['3 gym sessions next week', { title: 'Gym', times_per_week: 3, week: 'next' }],
    ['meditate every morning for half an hour', { title: 'Meditate', times_per_week: 7, time: '08:00', duration_minutes: 30 }],
    ['read every weekday at 9:30 pm', { title: 'Read', times_per_week: 5, days: ['MO', 'TU', 'WE', 'TH', 'FR'], time: '21:30' }],
    ['swimming at the weekend', { title: 'Swimming', times_per_week: 2, days: ['SA', 'SU'] }],
    ['put choir in my calendar every Tuesday', { title: 'Choir', times_per_week: 1, days: ['TU'] }],
    ['schedule dentist on 2026-05-04 at 14:15', { title: 'Dentist', times_per_week: 1, start_date: '2026-05-04', time: '14:15' }],
    ['remind me to call mum every Sunday', { title: 'Call mum', times_per_week: 1, days: ['SU'] }],
    ['grocery list for 4 people', { people: 4 }],
    ['meal plan for 5 days, vegetarian', { days: 5, diet: 'vegetarian' }],
    ['vegan groceries for two for a week', { people: 2, days: 7, diet: 'vegan' }],
    ['weekly grocery list for a family of five', { people: 5, days: 7 }],
    ['create a grocery and meal list', {}],
    ['buy milk, a dozen eggs and 2 kg of potatoes', { items: ['milk', 'a dozen eggs', '2 kg of potatoes'], only_items: true }],
    ['shopping list: milk, bread', { items: ['milk', 'bread'], only_items: true }],
    ['meal plan for 3 days including coffee and tea', { days: 3, items: ['coffee', 'tea'] }],
    [
      'email anna@example.com about the flat viewing',
      { recipient: 'anna@example.com', subject: 'The flat viewing', body: 'I am writing to you about the flat viewing.\n' },
    ],
    ["send an e-mail to bob@x.org saying I'm late, sorry", { recipient: 'bob@x.org', subject: "I'm late, sorry", body: "I'm late, sorry" }],
    ['write my landlord bob@example.com an email', undefined],
    ['mail to bob@example.com: about rent', { recipient: 'bob@example.com', subject: 'Rent', body: 'I am writing to you about rent.\n' }],
    [
      'send an email about the heating to bob@example.com',
      { recipient: 'bob@example.com', subject: 'The heating', body: 'I am writing to you about the heating.\n' },
    ],
    [
      'email bob@example.com saying "Done. See you, then we talk and eat."',
      { recipient: 'bob@example.com', subject: 'Done. See you, then we talk and eat.', body: 'Done. See you, then we talk and eat.' },
    ],
  ])('reads the details of "%s"', async (intent, expected) => {
    if (expected) expect((await stepsOf(intent))[0]!.args).toEqual(expected);
    else expect((await planner.plan(intent)).kind).toBe('no-plan');
  });

  it.each([
    ['Compose a symphony', 'planner.not-understood', /Compose a symphony.*grocery/],
    ['', 'planner.not-understood', /grocery/],
    ['yoga twice a week and compose a symphony', 'planner.partly-understood', /"compose a symphony"/],
    ['buy milk and book a flight', 'planner.partly-understood', /"book a flight"/],
    ['schedule gym 3x this week and yoga', 'planner.partly-understood', /"yoga"/],
    ['apply to jobs at Foo and Bar', 'planner.partly-understood', /"Bar"/],
    ['apply to 2 backend jobs by Friday', 'planner.not-understood', /by Friday/],
    ['email a@example.com about lunch and order pizza', 'planner.partly-understood', /"order pizza"/],
    ['apply to 21 backend jobs', 'planner.out-of-range', /1 to 20/],
    ['apply to 0 backend jobs', 'planner.out-of-range', /1 to 20/],
    ['apply to all backend jobs', 'planner.how-many', /How many/],
    ['gym 10x this week', 'planner.out-of-range', /1 to 7/],
    ['gym 3 times a day', 'planner.out-of-range', /a week/],
    ['yoga 3x a week on Monday', 'planner.out-of-range', /3 times do not fit on 1/],
    ['gym for 20 weeks twice a week', 'planner.out-of-range', /1 to 12 weeks/],
    ['plan yoga', 'planner.how-often', /How often/],
    ['gym every day at 7', 'planner.unclear-time', /7am/],
    ['grocery list for 100 people', 'planner.out-of-range', /1 to 50/],
    ['email Anna about the flat', 'planner.missing-address', /address/],
    ['email anna@example.com', 'planner.missing-subject', /be about/],
  ])('plans nothing for "%s" and says why', async (intent, code, reason) => {
    const refusal = await refusalOf(intent);
    expect(refusal.code).toBe(code);
    expect(refusal.reason).toMatch(reason);
  });
});

describe('for any intent, the rule-based planner', () => {
  const WORDS = (
    'apply to for 2 21 a three backend remote jobs job at in Berlin and , ; . then schedule gym 3x this week twice every day on Monday Thu at 18:00 7pm minutes ' +
    'create grocery list meal plan people vegan with : buy milk eggs email anna@example.com about saying find me tailor my CV please "quoted 🏋️ ünïcödé \n - & symphony'
  ).split(' ');
  const sentence = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(' '));
  const intents = fc.oneof(sentence, fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }));

  it('gives a valid plan or says why there is none, and always the same', async () => {
    await fc.assert(
      fc.asyncProperty(intents, async (intent) => {
        const result: PlanningResult = await planner.plan(intent);
        expect(await planner.plan(intent)).toEqual(result);
        if (result.kind === 'no-plan') {
          expect(result.code).toMatch(/^planner\.[a-z-]+$/);
          expect(result.reason.length).toBeGreaterThan(10);
          return;
        }
        validatePlan(result.plan, tools);
        const keys = result.plan.steps.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { key, dependsOn } of result.plan.steps) {
          expect(key).toMatch(/^[a-z][a-z0-9_]*$/);
          for (const other of dependsOn) expect(keys).toContain(other);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('plans wishes in any order, each as it plans it alone', async () => {
    const wishes = [
      'apply to 2 backend jobs',
      'schedule gym 3x this week',
      'create a grocery list',
      'email anna@example.com about lunch',
      'buy milk, eggs and tea',
    ];
    const joins = fc.constantFrom(', ', ' and ', ', and ', '; ', '\n', '. ', ', then ', ' plus ');
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(wishes, { minLength: 1 }), joins, async (chosen, join) => {
        const alone = await Promise.all(chosen.map(stepsOf));
        const together = await stepsOf(chosen.join(join));
        const essence = (steps: readonly PlanStep[]) => steps.map(({ tool, name }) => ({ tool, name }));
        expect(essence(together)).toEqual(essence(alone.flat()));
      }),
    );
  });

  it.each([
    ['letters', 'a'.repeat(2_000)],
    ['separators', 'a,'.repeat(1_000)],
    ['spaces', `gym ${' '.repeat(1_900)}3x this week`],
    ['a nearly understood list', `buy ${'milk and '.repeat(220)}`],
    ['e-mails', 'email, '.repeat(280)],
    ['addresses', `email ${'a.b@c.d-'.repeat(240)}`],
    ['days', `gym on ${'Monday and '.repeat(170)}`],
    ['numbers', `apply to ${'2 '.repeat(990)}jobs`],
    ['prepositions', `apply to 2 jobs ${'in a '.repeat(390)}`],
    ['quotes', '"'.repeat(2_000)],
  ])('comes to an answer on 2,000 characters of %s', async (_what, intent) => {
    expect(['plan', 'no-plan']).toContain((await planner.plan(intent)).kind);
  });
});
