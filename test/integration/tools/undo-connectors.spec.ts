import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ICAL from 'ical.js';
import type { Tools } from '../../../src/application/ports/tools.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { undoOf } from '../../../src/domain/tool/undo.js';
import { createTools } from '../../../src/infrastructure/tools/create-tools.js';
import { filesIn, outputOf, removeFolder, SetClock, temporaryFolder } from './support/tool-calls.js';

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

/** The arguments of the call that undoes this one, which its tool takes. */
function undoArgs(tool: string, args: JsonObject, output: JsonObject): JsonObject {
  const manifest = tools.manifest(tool)!;
  const resolution = undoOf(manifest, args, output);
  if (resolution.kind === 'unresolvable') throw new Error(resolution.reason);
  expect(tools.checkArgs(manifest.undo!.tool, resolution.args)).toBeUndefined();
  return resolution.args;
}

/** Ten calls at once with one key, and a late one of another process: the one output that all of them answer with. */
async function outputOfMany(tool: string, args: JsonObject): Promise<JsonObject> {
  const more = { idempotencyKey: 'one' };
  const outputs = await Promise.all(
    Array.from({ length: 10 }, (_, index) => outputOf<JsonObject>(tools, tool, args, { ...more, attempt: index + 1 })),
  );
  clock.time += 9 * 86_400_000;
  const late = await outputOf<JsonObject>(createTools({ outboxDir, clock }), tool, args, more);
  expect(new Set([...outputs, late].map((output) => JSON.stringify(output))).size).toBe(1);
  return late;
}

describe('the catalogue of tools', () => {
  it('says what undoes what', () => {
    const undone = tools.manifests().flatMap(({ name, undo }) => (undo ? [[name, undo.tool]] : []));
    expect(Object.fromEntries(undone)).toEqual({ job_submit: 'job_withdraw', calendar_create: 'calendar_cancel' });
  });
});

describe('the connector that cancels events', () => {
  const create = async (args: JsonObject): Promise<JsonObject> => outputOf<JsonObject>(tools, 'calendar_create', args);
  const cancellationOf = async (args: JsonObject): Promise<JsonObject> => undoArgs('calendar_create', args, await create(args));
  /** Events of a file that may hold several calendars. */
  const calendarsIn = (ics: string): readonly ICAL.Component[] => {
    const parsed = ICAL.parse(ics) as unknown[];
    return (Array.isArray(parsed[0]) ? (parsed as unknown[][]) : [parsed]).map((calendar) => new ICAL.Component(calendar));
  };
  const eventsIn = (ics: string): readonly ICAL.Component[] =>
    calendarsIn(ics).flatMap((calendar) => calendar.getAllSubcomponents('vevent'));
  const value = (component: ICAL.Component, name: string): string | undefined => component.getFirstPropertyValue(name)?.toString();

  it.each<[string, JsonObject]>([
    ['at times of a wall clock', { times_per_week: 3 }],
    ['in a time zone', { times_per_week: 2, weeks: 3, time_zone: 'Europe/Berlin' }],
    ['all that can be made at once', { times_per_week: 7, weeks: 12 }],
    ['one', {}],
  ])('cancels the events that were made %s, as RFC 5546, 3.2.5, wants', async (_what, more) => {
    const args = { title: 'Gym; "legs", 🏋️ and a rather long \\title that needs a folded line', ...more };
    const made = await create(args);
    const cancelled = await outputOf<JsonObject>(tools, 'calendar_cancel', undoArgs('calendar_create', args, made));
    const ics = await fileOf(cancelled['file'] as string);
    expect(cancelled).toMatchObject({ status: 'cancelled', uids: made['uids'], ics });
    expect(ics.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(ics.endsWith('END:VCALENDAR\r\n')).toBe(true);
    for (const line of ics.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    for (const calendar of calendarsIn(ics)) {
      expect(value(calendar, 'method')).toBe('CANCEL');
      expect(calendar.getAllSubcomponents('vevent')).toHaveLength(1);
    }
    const said = (events: readonly ICAL.Component[]) =>
      events.map((event) => ['uid', 'summary', 'dtstart', 'dtend'].map((name) => value(event, name)));
    expect(said(eventsIn(ics))).toEqual(said(eventsIn(made['ics'] as string)));
    for (const event of eventsIn(ics)) {
      expect(value(event, 'status')).toBe('CANCELLED');
      expect(value(event, 'sequence')).toBe('1');
      expect(value(event, 'organizer')).toBe('mailto:lifeos@example.com');
      expect(value(event, 'dtstamp')).toBe('2026-03-10T09:00:00Z');
    }
  });

  it('cancels once for a key, and answers a repeat with the first cancellation, however late (invariant 18)', async () => {
    const args = await cancellationOf({ title: 'Gym', times_per_week: 3 });
    const before = await filesIn(outboxDir);
    const { file } = await outputOfMany('calendar_cancel', args);
    const made = (await filesIn(outboxDir)).filter((name) => !before.includes(name));
    expect(made).toEqual([file, `${path.posix.dirname(file as string)}/receipt.json`]);
  });

  it('cannot cancel a calendar that was in the outbox before calendars answered with UIDs: a repeat answers as then', async () => {
    const args = { title: 'Gym' };
    const call = (attempt: number) => outputOf<JsonObject>(tools, 'calendar_create', args, { idempotencyKey: 'old', attempt });
    const { uids: _new, ...old } = await call(1);
    const receipt = path.join(outboxDir, path.posix.dirname(old['file'] as string), 'receipt.json');
    const { request } = JSON.parse(await readFile(receipt, 'utf8')) as JsonObject;
    await writeFile(receipt, JSON.stringify({ request, output: old }));
    expect(await call(2)).toEqual(old);
    const reason = 'the output of the call has nothing at "/uids"';
    expect(undoOf(tools.manifest('calendar_create')!, args, old)).toEqual({ kind: 'unresolvable', reason });
  });

  it.each<[JsonObject, string]>([
    [{ uids: ['a@b\r\nATTENDEE:mailto:c@d'] }, '"uids[0]"'],
    [{ uids: ['a;b,c'] }, '"uids[0]"'],
    [{ uids: ['a@b', 'c@d'] }, '"uids"'],
    [{ events: [{ title: 'a\nb', start: '2026-03-10T18:00:00', end: '2026-03-10T19:00:00' }] }, '"events[0].title"'],
    [{ events: [{ title: 'a', start: '2026-03-40T18:00:00', end: '2026-03-10T19:00:00' }] }, '"events[0].start"'],
    [{ events: [], uids: [] }, '"events"'],
  ])('refuses %j', async (wrong, place) => {
    expect(tools.checkArgs('calendar_cancel', { ...(await cancellationOf({ title: 'Gym' })), ...wrong })).toContain(place);
  });
});

describe('the connector that withdraws applications', () => {
  const application = async (more: JsonObject = {}): Promise<{ readonly args: JsonObject; readonly output: JsonObject }> => {
    const { jobs } = await outputOf<{ jobs: JsonObject[] }>(tools, 'job_search', { query: 'backend', limit: 1 });
    const args = { job: { ...jobs[0]!, ...more }, cv_markdown: '# CV' };
    return { args, output: await outputOf<JsonObject>(tools, 'job_submit', args) };
  };
  const withdrawal = async (more: JsonObject = {}): Promise<JsonObject> => {
    const { args, output } = await application(more);
    return undoArgs('job_submit', args, output);
  };

  it('asks a person first, as the application did', () => {
    expect(tools.manifest('job_withdraw')!.riskLevel).toBe(tools.manifest('job_submit')!.riskLevel);
  });

  it('writes to the company, with the reference of the application, once for a key, however late (invariant 18)', async () => {
    const { args, output } = await application({ title: 'Engineer', company: 'Acme' });
    const before = await filesIn(outboxDir);
    const withdrawn = await outputOfMany('job_withdraw', undoArgs('job_submit', args, output));
    expect(withdrawn).toMatchObject({
      application_id: output['application_id'],
      status: 'withdrawn',
      company: 'Acme',
      withdrawn_at: '2026-03-10T09:00:00.000Z',
    });
    const file = withdrawn['outbox_file'] as string;
    const made = (await filesIn(outboxDir)).filter((name) => !before.includes(name));
    expect(made).toEqual([file, `${path.posix.dirname(file)}/receipt.json`]);
    const letter = await fileOf(file);
    expect(letter).toMatch(/^To: Acme\n\nDate: 2026-03-10\n\n/);
    expect(letter).toContain(`**Withdrawal of application ${output['application_id'] as string}: Engineer**`);
    expect(letter).toContain('application of 2026-03-10 as Engineer');
  });

  it('lets no text of a job become markup or lines of the letter', async () => {
    const args = await withdrawal({ title: 'X**\n\n# Hired <script>', company: 'A_B\r\nTo: [all](http://x)' });
    const letter = await fileOf((await outputOf<JsonObject>(tools, 'job_withdraw', args))['outbox_file'] as string);
    expect(letter).toMatch(/^To: A\\_B To: \\\[all\\\]\(http:\/\/x\)\n\nDate: /);
    expect(letter).toContain('X\\*\\* # Hired \\<script\\>');
    expect(letter).not.toMatch(/^#/m);
    expect(letter.match(/^To: /gm)).toHaveLength(1);
  });

  it.each([{ application_id: 'app\n1' }, { application_id: '' }, { submitted_at: 'yesterday' }, { company: '' }])(
    'refuses %j',
    async (wrong) => {
      expect(tools.checkArgs('job_withdraw', { ...(await withdrawal()), ...wrong })).toContain(`"${Object.keys(wrong)[0]}"`);
    },
  );
});
