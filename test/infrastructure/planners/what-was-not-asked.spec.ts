import fc from 'fast-check';
import type { PlanStep } from '../../../src/domain/plan/plan.js';
import { validatePlan } from '../../../src/domain/plan/validate-plan.js';
import { RuleBasedPlanner } from '../../../src/infrastructure/planners/rule-based/rule-based.planner.js';
import { createTools } from '../../../src/infrastructure/tools/create-tools.js';

/** A Saturday. */
const submittedAt = '2026-02-14T10:00:00.000Z';
const planner = new RuleBasedPlanner();
const tools = createTools({ outboxDir: '/nonexistent', clock: { now: () => 0 } });

const answer = (intent: string, timeZone = 'UTC') => planner.plan({ intent, timeZone, submittedAt });

async function stepsOf(intent: string, timeZone?: string): Promise<readonly PlanStep[]> {
  const result = await answer(intent, timeZone);
  if (result.kind === 'no-plan') throw new Error(`no plan for "${intent}": ${result.reason}`);
  validatePlan(result.plan, tools);
  return result.plan.steps;
}

async function refusalOf(intent: string): Promise<{ code: string; reason: string }> {
  const result = await answer(intent);
  if (result.kind === 'plan') throw new Error(`a plan for "${intent}": ${JSON.stringify(result.plan)}`);
  return result;
}

describe('the rule-based planner refuses, naming the words,', () => {
  it.each([
    ['email anna@example.com about the flat, but do not send it yet', 'but do not send it yet'],
    ['email anna@example.com about the flat unless she calls', 'unless she calls'],
    ['if I get no answer by Friday, email anna@example.com about the flat', 'if I get no answer by Friday'],
    ['email everyone except bob@example.com about lunch', 'except bob@example.com'],
    ['email anna@example.com, not bob@example.com, about lunch', 'not bob@example.com'],
    ['email everyone at bob@example.com about lunch', 'everyone'],
    ['email anna@example.com tomorrow at 9 about the flat', 'tomorrow at 9'],
    ['email anna@example.com every Monday about the flat', 'every Monday'],
    ['email anna@example.com about the flat every Monday', 'every Monday'],
    ['email anna@example.com about the flat in German', 'in'],
    ['draft an email to anna@example.com about the flat', 'draft an email'],
    ['cancel my gym events', 'cancel my gym events'],
    ['withdraw my application to Acme', 'withdraw my application to Acme'],
    ['hold off on the email to anna@example.com about the flat', 'hold off'],
    ['apply to 2 backend jobs tomorrow', 'tomorrow'],
    ['apply to 2 backend jobs in March', 'March'],
    ['apply to 2 backend jobs in two weeks', 'two weeks'],
    ['apply to 2 backend jobs without recruiters', 'without recruiters'],
    ['apply to no jobs', 'no jobs'],
    ['apply to 2-3 jobs', '2-3'],
    ['apply to a hundred jobs', '100'],
    ['apply to twenty-five jobs', '25'],
    ['apply to a thousand jobs', 'thousand'],
    ['gym 3-4 times this week', '3-4 times'],
    ['gym 3x this week, not on Monday', 'not on Monday'],
    ['gym every day, never on Sunday', 'never on Sunday'],
    ["don't schedule gym this week", "don't schedule gym this week"],
    ['do n\u200bot schedule gym this week', 'not schedule gym this week'],
    ['move gym from Monday to Wednesday', 'move gym from Monday to Wednesday'],
    ['skip gym on Monday', 'skip gym on Monday'],
    ['cancel gym on Monday', 'cancel gym on Monday'],
    ['gym on Monday or Tuesday', 'or Tuesday'],
    ['gym biweekly', 'biweekly'],
    ['schedule gym biweekly', 'biweekly'],
    ['schedule gym on 02/03/2026', '02/03/2026'],
    ['schedule gym on the 14th', '14th'],
    ['schedule gym on 31 February', '31 February'],
    ['schedule gym on 3 March 2020', '3 March 2020'],
    ['schedule gym on Friday 3 March', '2026-03-03'],
    ['schedule gym on Monday at 9am Berlin time', 'Berlin time'],
    ['schedule gym on Monday at 18:00 CET', '18:00 CET'],
    ['schedule dinner tonight', 'tonight'],
    ['schedule gym in 2 weeks', '2 weeks'],
    ['schedule gym 3x on 3 March', '2026-03-03'],
    ['buy no peanuts', 'no peanuts'],
    ['buy milk and no eggs', 'no eggs'],
    ['buy milk and bread for tomorrow', '"for"'],
    ['meal plan for 5 days without nuts', 'without nuts'],
  ])('"%s"', async (intent, words) => {
    expect((await refusalOf(intent)).reason).toContain(words);
  });
});

describe('the rule-based planner reads', () => {
  it.each([
    ['once on 3 March at 10:00', { start_date: '2026-03-03', times_per_week: 1, time: '10:00' }],
    ['on 13/03/2026 at 9:30', { start_date: '2026-03-13', times_per_week: 1, time: '09:30' }],
    ['on 14.03.2026', { start_date: '2026-03-14', times_per_week: 1 }],
    ['tomorrow at 9am', { start_date: '2026-02-15', times_per_week: 1, time: '09:00' }],
    ['on Tuesday 3 March', { start_date: '2026-03-03', times_per_week: 1 }],
    ['3x a week from 3 March', { start_date: '2026-03-03', times_per_week: 3 }],
    ['Monday to Friday', { days: ['MO', 'TU', 'WE', 'TH', 'FR'], times_per_week: 5 }],
    ['Monday-Friday at 7am', { days: ['MO', 'TU', 'WE', 'TH', 'FR'], times_per_week: 5, time: '07:00' }],
    ['on Sat-Mon', { days: ['SA', 'SU', 'MO'], times_per_week: 3 }],
    ['on Monday from 9:00 to 11:00', { days: ['MO'], times_per_week: 1, time: '09:00', duration_minutes: 120 }],
    ['on Monday 9am-11am', { days: ['MO'], times_per_week: 1, time: '09:00', duration_minutes: 120 }],
    ['on Monday from 22:00 to 01:00', { days: ['MO'], times_per_week: 1, time: '22:00', duration_minutes: 180 }],
    ['on Monday for 1 hour 30 minutes', { days: ['MO'], times_per_week: 1, duration_minutes: 90 }],
    ['on Monday for 1,5 hours', { days: ['MO'], times_per_week: 1, duration_minutes: 90 }],
    ['on Monday for 1h30', { days: ['MO'], times_per_week: 1, duration_minutes: 90 }],
    ['on Monday for an hour and a half', { days: ['MO'], times_per_week: 1, duration_minutes: 90 }],
    ['on Monday at 18:00 UTC', { days: ['MO'], times_per_week: 1, time: '18:00', time_zone: 'UTC' }],
    ['on Monday at 18:00 Europe/Berlin', { days: ['MO'], times_per_week: 1, time: '18:00', time_zone: 'Europe/Berlin' }],
    ['twenty-one times', undefined],
  ])('"schedule gym %s"', async (words, expected) => {
    const intent = `schedule gym ${words}`;
    if (expected) expect((await stepsOf(intent)).map(({ args }) => args)).toEqual([{ title: 'Gym', ...expected }]);
    else expect((await refusalOf(intent)).reason).toContain('21');
  });

  it("dates in the person's time zone", async () => {
    expect((await stepsOf('schedule gym tomorrow', 'Pacific/Auckland'))[0]!.args).toMatchObject({ start_date: '2026-02-15' });
    // 23:00 there already, on the 14th; an hour later it would be the 15th.
    expect(
      (await planner.plan({ intent: 'schedule gym tomorrow', timeZone: 'Pacific/Auckland', submittedAt: '2026-02-14T11:30:00Z' })).kind,
    ).toBe('plan');
    const late = await planner.plan({ intent: 'schedule gym tomorrow', timeZone: 'Pacific/Auckland', submittedAt: '2026-02-14T11:30:00Z' });
    expect(late).toMatchObject({ plan: { steps: [{ args: { start_date: '2026-02-16' } }] } });
  });

  it.each([
    ['buy 2,5 kg potatoes', ['2,5 kg potatoes']],
    ['buy 1,000 g flour, 1/2 kg sugar and 2% milk', ['1,000 g flour', '1/2 kg sugar', '2% milk']],
    ['buy 3-4 apples, 1.000 g rice, 00 flour', ['3-4 apples', '1.000 g rice', '00 flour']],
    ['buy milk, "after-dinner mints, no sugar" and tea', ['milk', 'after-dinner mints, no sugar', 'tea']],
  ])('"%s" as it is written', async (intent, items) => {
    expect((await stepsOf(intent))[0]!.args).toEqual({ items, only_items: true });
  });

  it('the requests of the quick start as they stand, with defaults that the plan names', async () => {
    for (const intent of ['Apply to 2 backend jobs...', 'Apply to 2 backend jobs…']) {
      expect(await stepsOf(intent)).toEqual(await stepsOf('Apply to 2 backend jobs'));
    }
    const steps = await stepsOf('Apply to jobs, schedule gym...');
    expect(steps.map(({ name }) => name)).toEqual([
      'Search for jobs (2 by default)',
      'Tailor CV to job 1',
      'Submit job application 1',
      'Tailor CV to job 2',
      'Submit job application 2',
      'Create gym events (1x weekly, by default)',
    ]);
  });

  it('task lists, without what is ticked', async () => {
    const steps = await stepsOf(
      '- [ ] buy milk\n- [x] apply to 2 backend jobs\n* [X] email anna@example.com about lunch\n- [ ] gym 3x this week',
    );
    expect(steps.map(({ tool }) => tool)).toEqual(['grocery_plan', 'calendar_create']);
  });

  it.each(["o'brien@example.com", 'info@xn--bcher-kva.example', 'info@xn--80ak6aa92e.xn--p1ai', 'first.last+tag@mail.example.co'])(
    'the address %s',
    async (address) => {
      expect((await stepsOf(`email ${address} about lunch`))[0]!.args).toMatchObject({ recipient: address });
    },
  );

  it('invisible characters as nothing', async () => {
    expect(await stepsOf('app\u200bly to\ufeff 2 back\u00adend jobs')).toEqual(await stepsOf('apply to 2 backend jobs'));
  });

  it('what is in quotes as text, whatever it says', async () => {
    expect((await stepsOf('email anna@example.com saying "Do not come before 9, unless I call"'))[0]!.args).toMatchObject({
      body: 'Do not come before 9, unless I call',
    });
    expect((await stepsOf('schedule "Lunch at Mario\'s, not later" on Friday'))[0]!.args).toMatchObject({
      title: "Lunch at Mario's, not later",
      days: ['FR'],
    });
  });
});

describe('words of order are dependencies:', () => {
  it.each([
    'apply to 2 backend jobs then email anna@example.com about the result',
    'Apply to 2 backend jobs. Afterwards, email anna@example.com about the result',
  ])('"%s"', async (intent) => {
    const steps = await stepsOf(intent);
    const submissions = steps.filter(({ tool }) => tool === 'job_submit').map(({ key }) => key);
    expect(submissions).toHaveLength(2);
    expect(steps.find(({ tool }) => tool === 'email_send')!.dependsOn).toEqual(submissions);
  });

  it('what comes after waits for everything before it, and nothing else does', async () => {
    const steps = await stepsOf('buy milk and gym 3x this week, then apply to 1 backend job; finally email anna@example.com about dinner');
    const dependencies = Object.fromEntries(steps.map(({ tool, dependsOn }) => [tool, dependsOn]));
    expect(dependencies).toMatchObject({
      grocery_plan: [],
      calendar_create: [],
      job_search: ['grocery_list', 'create_gym_events'],
      email_send: ['submit_application_1'],
    });
  });
});

describe('wherever they stand in an intent that is understood,', () => {
  const WISHES = [
    'apply to 2 backend jobs',
    'find 3 data jobs in London and apply to them',
    'email anna@example.com about the flat viewing',
    'email my landlord bob@example.com saying the heating works fine',
    'buy milk, a dozen eggs and 2 kg of potatoes',
    'create a grocery list for 4 people',
    'schedule gym 3x this week',
    'schedule piano practice on Monday and Thursday at 18:00 for 45 minutes',
  ];
  const COMMANDS = WISHES.slice(0, 6);
  const TIMED = WISHES.slice(6);

  const spoiled = (wishes: readonly string[], words: readonly string[]) =>
    fc
      .tuple(
        fc.shuffledSubarray([...wishes], { minLength: 1, maxLength: 3 }),
        fc.constantFrom(', ', ' and ', '. ', '\n'),
        fc.constantFrom(...words),
        fc.nat(),
      )
      .map(([chosen, join, word, place]) => {
        const said = chosen.join(join).split(' ');
        const at = place % (said.length + 1);
        return { intent: [...said.slice(0, at), word, ...said.slice(at)].join(' '), word };
      });

  const RESTRICTIONS =
    "not|n't send it: don't|never|no|none|nobody|nothing|without|except|but|but not|unless|if I agree|in case|only|instead|avoid|skip|or|either|maybe|until|before|after lunch|when|otherwise|draft|yet|later|wait|hold off|rather|DON'T|Unless|ｎｏｔ|excluding|neither".split(
      '|',
    );

  it('a negation, condition, exception or postponement leads to no plan', async () => {
    await fc.assert(
      fc.asyncProperty(spoiled(WISHES, RESTRICTIONS), async ({ intent }) => {
        expect(await answer(intent)).toMatchObject({ kind: 'no-plan' });
      }),
      { numRuns: 500 },
    );
  });

  const TIMES =
    'tomorrow|tonight|at 9|at 9pm|on Monday|every Monday|next week|in 2 weeks|on 3 March|by Friday|from March|weekly|monthly|biweekly|at noon|the day after tomorrow|twice|every other day'.split(
      '|',
    );

  it('a time with a command that would be carried out now leads to no plan', async () => {
    const single = spoiled(COMMANDS, TIMES);
    await fc.assert(
      fc.asyncProperty(single, async ({ intent, word }) => {
        const result = await answer(intent);
        // A shopping list may be for a week: that is what it says, not when it is made.
        if (result.kind === 'plan' && /week/.test(word)) {
          const groceries = result.plan.steps.filter(({ args }) => args['days'] === 7 || args['days'] === 14);
          expect(groceries).toHaveLength(1);
          return;
        }
        expect(result.kind).toBe('no-plan');
      }),
      { numRuns: 500 },
    );
  });

  it('a time in an entry for the calendar is in its arguments, or leads to no plan', async () => {
    const untitled = (steps: readonly PlanStep[]) => steps.map(({ args: { title: _title, ...when } }) => when);
    const base = new Map<string, unknown>();
    for (const wish of TIMED) base.set(wish, untitled(await stepsOf(wish)));
    const one = fc.tuple(fc.constantFrom(...TIMED), fc.constantFrom(...TIMES), fc.nat()).map(([wish, word, place]) => {
      const said = wish.split(' ');
      const at = place % (said.length + 1);
      return { wish, word, intent: [...said.slice(0, at), word, ...said.slice(at)].join(' ') };
    });
    await fc.assert(
      fc.asyncProperty(one, async ({ wish, word, intent }) => {
        const result = await answer(intent);
        if (result.kind === 'no-plan') return;
        // "On Monday" and "twice" beside "on Monday and Thursday", "weekly" beside "this week" say nothing new.
        if (/monday|weekly|twice/i.test(word)) return;
        expect(untitled(result.plan.steps)).not.toEqual(base.get(wish));
      }),
      { numRuns: 500 },
    );
  });
});
