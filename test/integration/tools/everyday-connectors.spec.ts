import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import ICAL from 'ical.js';
import type { Tools } from '../../../src/application/ports/tools.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { createTools } from '../../../src/infrastructure/tools/create-tools.js';
import { failureOf, outputOf, removeFolder, SetClock, temporaryFolder, toolCall, TUESDAY_MORNING } from './support/tool-calls.js';

interface Calendar {
  readonly events: readonly { readonly title: string; readonly start: string; readonly end: string }[];
  readonly ics: string;
  readonly file: string;
}
interface Groceries {
  readonly meals: readonly { readonly day: number; readonly dinner: string }[];
  readonly aisles: readonly { readonly aisle: string; readonly items: readonly { name: string; quantity: number; unit: string }[] }[];
}

let outboxDir: string;
let tools: Tools;
let clock: SetClock;
beforeEach(async () => {
  outboxDir = await temporaryFolder();
  clock = new SetClock();
  tools = createTools({ outboxDir, clock });
});
afterEach(() => removeFolder(outboxDir));

const fileOf = (name: string): Promise<string> => readFile(path.join(outboxDir, name), 'utf8');

describe('the calendar connector', () => {
  const create = (args: JsonObject, more = {}): Promise<Calendar> => outputOf<Calendar>(tools, 'calendar_create', args, more);
  const starts = async (args: JsonObject): Promise<readonly string[]> =>
    (await create({ title: 'Gym', ...args })).events.map(({ start }) => start.slice(5, 16));

  it('writes an iCalendar file that a calendar program opens', async () => {
    const { events, ics, file } = await create({
      title: 'Gym; "legs", 🏋️ and a rather long title that needs a folded line',
      times_per_week: 3,
    });
    expect(await fileOf(file)).toBe(ics);
    expect(ics).toMatch(/^BEGIN:VCALENDAR\r\n/);
    expect(ics.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(ics.endsWith('END:VCALENDAR\r\n')).toBe(true);
    for (const line of ics.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    const parsed = new ICAL.Component(ICAL.parse(ics) as unknown[]).getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
    expect(parsed.map((event) => [event.summary, event.startDate.toString(), event.endDate.toString()])).toEqual(
      events.map(({ title, start, end }) => [title, start, end]),
    );
    expect(new Set(parsed.map(({ uid }) => uid)).size).toBe(3);
  });

  it.each<[string, JsonObject, readonly string[]]>([
    ['the days left of this week', { times_per_week: 3 }, ['03-10T18:00', '03-12T18:00', '03-14T18:00']],
    [
      'seven days where the week is too short',
      { times_per_week: 7 },
      ['10', '11', '12', '13', '14', '15', '16'].map((day) => `03-${day}T18:00`),
    ],
    ['next week', { times_per_week: 2, week: 'next' }, ['03-16T18:00', '03-19T18:00']],
    ['the wanted weekdays', { days: ['MO', 'TH'], time: '07:30' }, ['03-12T07:30', '03-16T07:30']],
    ['today only if its time is still to come', { times_per_week: 1, time: '08:00' }, ['03-11T08:00']],
    ['the days from a date', { times_per_week: 2, start_date: '2026-06-01' }, ['06-01T18:00', '06-04T18:00']],
    ['several weeks', { days: ['SU'], weeks: 3 }, ['03-15T18:00', '03-22T18:00', '03-29T18:00']],
  ])('spreads events over %s', async (_what, args, expected) => {
    expect(await starts(args)).toEqual(expected);
  });

  it('keeps the time of day in a time zone when the clocks change', async () => {
    const { events, ics } = await create({
      title: 'Gym',
      days: ['SA', 'SU', 'MO'],
      start_date: '2026-03-28',
      time: '09:00',
      time_zone: 'Europe/Berlin',
    });
    expect(events.map(({ start }) => start)).toEqual(['2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z', '2026-03-30T07:00:00Z']);
    expect(ics).toMatch(/DTSTART:20260328T080000Z/);
  });

  it('means the first of an hour that is shown twice, and goes on where one is skipped (RFC 5545, 3.3.5)', async () => {
    const at = async (date: string, time: string, zone: string): Promise<string> =>
      (await create({ title: 'Gym', start_date: date, time, time_zone: zone })).events[0]!.start;
    expect(await at('2026-10-25', '02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00Z');
    expect(await at('2026-03-29', '02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00Z');
    expect(await at('2026-11-01', '01:30', 'America/New_York')).toBe('2026-11-01T05:30:00Z');
    expect(await at('2026-03-08', '02:30', 'America/New_York')).toBe('2026-03-08T07:30:00Z');
    expect(await at('2026-04-05', '01:45', 'Australia/Lord_Howe')).toBe('2026-04-04T14:45:00Z');
    expect(await at('2026-07-01', '12:00', 'Asia/Tokyo')).toBe('2026-07-01T03:00:00Z');
  });

  it('means the week of the person whose run it is', async () => {
    // Sunday evening in UTC is Monday, 02:00, in Tokyo.
    clock.time = Date.parse('2026-03-15T17:00:00Z');
    const startsIn = async (timeZone: string) => (await create({ title: 'Gym', times_per_week: 1 }, { timeZone })).events[0]!.start;
    expect(await startsIn('Asia/Tokyo')).toBe('2026-03-16T18:00:00');
    expect(await startsIn('UTC')).toBe('2026-03-15T18:00:00');
  });

  it('escapes the name of the calendar as other text', async () => {
    const { ics } = await create({ title: 'Gym, legs; \\o/' });
    const unfolded = ics.replaceAll('\r\n ', '');
    expect(unfolded).toContain('\r\nNAME:Gym\\, legs\\; \\\\o/\r\n');
    expect(unfolded).toContain('\r\nX-WR-CALNAME:Gym\\, legs\\; \\\\o/\r\n');
  });

  it('answers a repeat in another week with the first calendar', async () => {
    const first = await create({ title: 'Gym', times_per_week: 3 }, { idempotencyKey: 'one' });
    clock.time += 9 * 86_400_000;
    expect(await create({ title: 'Gym', times_per_week: 3 }, { idempotencyKey: 'one', attempt: 2 })).toEqual(first);
  });

  it('makes as many events as wanted, apart from each other and none in the past', async () => {
    const wish = fc.record({
      times_per_week: fc.integer({ min: 1, max: 7 }),
      weeks: fc.integer({ min: 1, max: 12 }),
      week: fc.constantFrom('this', 'next'),
      time: fc.constantFrom('00:00', '08:59', '23:59'),
      now: fc.integer({ min: 0, max: 400 * 24 }),
    });
    await fc.assert(
      fc.asyncProperty(wish, async ({ now, ...args }) => {
        clock.time = TUESDAY_MORNING + now * 3_600_000;
        const { events } = await create({ title: 'Gym', ...args });
        expect(events).toHaveLength(args.times_per_week * args.weeks);
        expect(new Set(events.map(({ start }) => start.slice(0, 10))).size).toBe(events.length);
        const times = events.map(({ start }) => Date.parse(`${start}Z`));
        expect([...times].sort((a, b) => a - b)).toEqual(times);
        expect(times[0]).toBeGreaterThan(clock.time);
      }),
      { numRuns: 40 },
    );
  });

  it('says so when there are fewer days than times', async () => {
    const outcome = await tools.call(toolCall('calendar_create', { title: 'Gym', times_per_week: 3, days: ['MO'] }));
    expect(failureOf(outcome)).toMatchObject({ code: 'calendar_create.too-few-days', retryable: false });
  });

  it.each([{ time: '25:00' }, { time_zone: 'Mars/Base' }, { start_date: '2026-02-30' }, { title: 'a\r\nb' }, { duration_minutes: 0 }])(
    'refuses %j',
    (args) => {
      expect(tools.checkArgs('calendar_create', { title: 'Gym', ...args })).toContain(`"${Object.keys(args)[0]}"`);
    },
  );
});

describe('the grocery connector', () => {
  const plan = (args: JsonObject): Promise<Groceries> => outputOf<Groceries>(tools, 'grocery_plan', args);
  const amounts = ({ aisles }: Groceries): ReadonlyMap<string, number> => {
    const inBaseUnit = ({ quantity, unit }: { quantity: number; unit: string }): number =>
      unit === 'kg' || unit === 'l' ? quantity * 1_000 : quantity;
    return new Map(aisles.flatMap(({ items }) => items.map((item) => [item.name, inBaseUnit(item)] as const)));
  };

  it('lists what the meals need, by aisle', async () => {
    const { meals, aisles } = await plan({ people: 2, days: 3 });
    expect(meals.map(({ day }) => day)).toEqual([1, 2, 3]);
    expect(aisles.map(({ aisle }) => aisle)).toEqual(expect.arrayContaining(['Fruit and vegetables', 'Dairy and eggs']));
    expect(aisles.every(({ items }) => items.length > 0 && items.every(({ quantity }) => quantity > 0))).toBe(true);
  });

  it('never gives more people or more days less to eat', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 15 }), async (people, days) => {
        const [some, moreDays, morePeople] = await Promise.all([
          plan({ people, days }),
          plan({ people, days: days * 2 }),
          plan({ people: people * 2, days }),
        ]);
        for (const [name, quantity] of amounts(some)) {
          expect(amounts(moreDays).get(name)).toBeGreaterThanOrEqual(quantity);
          expect(amounts(morePeople).get(name)).toBeGreaterThanOrEqual(quantity);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['vegetarian', /chicken|salmon|beef|ham/],
    ['vegan', /chicken|salmon|beef|ham|milk$|butter$|eggs|yoghurt|feta|parmesan|cheese/],
  ])('keeps to a %s diet', async (diet, forbidden) => {
    const names = [...amounts(await plan({ people: 1, days: 31, diet })).keys()].filter((name) => !/coconut milk|peanut butter/.test(name));
    expect(names.filter((name) => forbidden.test(name))).toEqual([]);
  });

  it('lists exactly the items asked for, with the quantities that were named', async () => {
    const items = [
      'milk',
      'a dozen eggs',
      '2 kg of potatoes',
      '3 tins of chickpeas',
      'an umbrella',
      'anchovies',
      '1.5 litres of juice',
      'tomato',
    ];
    const { aisles, meals } = await plan({ items, only_items: true });
    expect(meals).toEqual([]);
    const lines = aisles.flatMap(({ aisle, items: list }) =>
      list.map(({ name, quantity, unit }) => `${aisle}: ${quantity} ${unit} ${name}`),
    );
    expect(lines).toEqual([
      'Fruit and vegetables: 2 kg potatoes',
      'Fruit and vegetables: 500 g tomatoes',
      'Dairy and eggs: 12 piece eggs',
      'Dairy and eggs: 1 l milk',
      'Tins and jars: 3 tin chickpeas',
      'Drinks: 1.5 l juice',
      'Other: 1 piece anchovies',
      'Other: 1 piece umbrella',
    ]);
  });

  it.each([
    ['2,5 kg potatoes', '2.5 kg potatoes'],
    ['1/2 kg sugar', '500 g sugar'],
    ['1 1/2 kg sugar', '1.5 kg sugar'],
    ['1½ kg sugar', '1.5 kg sugar'],
    ['500g flour', '500 g flour'],
    ['6 x eggs', '6 piece eggs'],
    ['1,000 g flour', '1,000 g flour'],
    ['1.000 g rice', '1.000 g rice'],
    ['3-4 apples', '3-4 apples'],
    ['2% milk', '2% milk'],
    ['00 flour', '00 flour'],
    ['7up', '7up'],
    ['2 cans of 7up', '2 cans of 7up'],
    ['milk 3,5 %', 'milk 3,5 %'],
  ])('reads "%s" as "%s": rightly, or as it is written', async (item, line) => {
    const { aisles } = await plan({ items: [item], only_items: true });
    const written = ({ name, quantity, unit }: { name: string; quantity?: number; unit?: string }): string =>
      quantity === undefined ? name : `${quantity} ${unit} ${name}`;
    expect(aisles.flatMap(({ items }) => items.map(written))).toEqual([line]);
  });

  it('fails when there is nothing to list', async () => {
    expect(failureOf(await tools.call(toolCall('grocery_plan', { only_items: true })))).toMatchObject({ retryable: false });
  });
});

describe('the e-mail connector', () => {
  const anna = { recipient: 'anna@example.com', subject: 'The flat' };
  const send = (args: JsonObject, more = {}): Promise<JsonObject> => outputOf<JsonObject>(tools, 'email_send', args, more);
  const messageOf = async (output: JsonObject) => {
    const [head = '', body = ''] = (await fileOf(output['outbox_file'] as string)).split('\r\n\r\n');
    const headers = new Map(
      head
        .replace(/\r\n[ \t]/g, ' ')
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    const decoded = headers
      .get('Subject')!
      .replace(/\?= =\?/g, '?==?')
      .replace(/=\?UTF-8\?B\?(.*?)\?=/g, (_, word: string) => Buffer.from(word, 'base64').toString());
    return { head, headers, subject: decoded, body: Buffer.from(body, 'base64').toString() };
  };

  it('writes a message once for a key, as the quick start answers', async () => {
    const output = await send({ ...anna, body: 'Hello' }, { idempotencyKey: 'one' });
    expect(output).toMatchObject({ status: 'success', email_sent: true, ...anna });
    clock.time += 1_000;
    expect(await send({ ...anna, body: 'Hello' }, { idempotencyKey: 'one', attempt: 2 })).toEqual(output);
    const { headers, body } = await messageOf(output);
    expect(headers.get('To')).toBe('anna@example.com');
    expect(headers.get('Date')).toBe('Tue, 10 Mar 2026 09:00:00 +0000');
    expect(headers.get('Message-ID')).toBe(output['message_id']);
    expect(body).toBe('Hello');
  });

  it('carries any subject and body unharmed, in lines that every mail program takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }).filter((text) => text.length <= 200 && !/\p{Cc}/u.test(text)),
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        async (subject, body) => {
          const message = await messageOf(await send({ recipient: 'a@example.com', subject, body }));
          expect(message.subject).toBe(subject);
          expect(message.body).toBe(body.replace(/\r\n|\r|\n/g, '\r\n'));
          for (const line of message.head.split('\r\n')) expect(line).toMatch(/^[\x20-\x7e]{1,76}$/);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([{ subject: 'Hi\r\nBcc: all@example.com' }, { recipient: 'a@example.com\r\nBcc: b@example.com' }, { recipient: 'anna' }])(
    'refuses %j',
    (args) => {
      expect(tools.checkArgs('email_send', { ...anna, ...args })).toContain(`"${Object.keys(args)[0]}"`);
    },
  );
});
