import { z } from 'zod';
import type { JsonObject } from '../../../src/domain/json.js';
import { closed } from '../../../src/infrastructure/tools/closed-schema.js';
import { createTools } from '../../../src/infrastructure/tools/create-tools.js';
import { SetClock } from './support/tool-calls.js';

const point = z.object({ x: z.int() });
const open = z.looseObject({ x: z.int() });
interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.object({ name: z.string(), children: z.lazy(() => z.array(tree)) });
const node = z.object({
  name: z.string(),
  get next() {
    return node.optional();
  },
});

/** Each holds a place where one member too many can be put. */
const PLACES: readonly (readonly [string, z.ZodType, unknown, unknown])[] = [
  ['an object', point, { x: 1 }, { x: 1, y: 1 }],
  ['an object in an object', z.object({ at: point }), { at: { x: 1 } }, { at: { x: 1, y: 1 } }],
  ['a list', z.array(point), [{ x: 1 }], [{ x: 1, y: 1 }]],
  ['a tuple', z.tuple([z.int(), point]), [1, { x: 1 }], [1, { x: 1, y: 1 }]],
  ["a tuple's rest", z.tuple([z.int()], point), [1, { x: 1 }], [1, { x: 1, y: 1 }]],
  ['what may be absent', z.object({ at: point.optional() }), { at: { x: 1 } }, { at: { x: 1, y: 1 } }],
  ['what may be null', point.nullable(), { x: 1 }, { x: 1, y: 1 }],
  ['a default', point.default({ x: 1 }), { x: 1 }, { x: 1, y: 1 }],
  ['a prefault', point.prefault({ x: 1 }), { x: 1 }, { x: 1, y: 1 }],
  ['a union', z.union([z.string(), point]), { x: 1 }, { x: 1, y: 1 }],
  [
    'a discriminated union',
    z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), x: z.int() }), z.object({ kind: z.literal('b') })]),
    { kind: 'a', x: 1 },
    { kind: 'b', x: 1 },
  ],
  ['an intersection', z.intersection(point, z.object({ y: z.int() })), { x: 1, y: 1 }, { x: 1, y: 1, z: 1 }],
  ['a record', z.record(z.string(), point), { a: { x: 1 } }, { a: { x: 1, y: 1 } }],
  ['what is read-only', point.readonly(), { x: 1 }, { x: 1, y: 1 }],
  ['what is refined', point.refine(({ x }) => x > 0), { x: 1 }, { x: 1, y: 1 }],
  ['what is described', point.describe('A point.').meta({ title: 'Point' }), { x: 1 }, { x: 1, y: 1 }],
  ['what is transformed', point.transform(({ x }) => x), { x: 1 }, { x: 1, y: 1 }],
  ['what is prepared', z.preprocess((value) => value, point), { x: 1 }, { x: 1, y: 1 }],
  ['what is open above', open.extend({ at: point }), { x: 1, z: 1, at: { x: 1 } }, { x: 1, at: { x: 1, y: 1 } }],
  ['what other members must be', z.object({}).catchall(point), { any: { x: 1 } }, { any: { x: 1, y: 1 } }],
  [
    'what holds itself (lazy)',
    tree,
    { name: '', children: [{ name: '', children: [] }] },
    { name: '', children: [{ name: '', children: [], y: 1 }] },
  ],
  ['what holds itself (getter)', node, { name: '', next: { name: '' } }, { name: '', next: { name: '', next: { name: '', y: 1 } } }],
];

describe('a closed schema', () => {
  it.each(PLACES)('refuses a member too many in %s', (_, schema, right, wrong) => {
    expect(schema.safeParse(wrong).success).toBe(true);
    expect(closed(schema).safeParse(right)).toEqual(schema.safeParse(right));
    expect(closed(schema).safeParse(wrong).success).toBe(false);
    // The schema it was made of is as it was: an output may share it.
    expect(schema.safeParse(wrong).success).toBe(true);
  });

  it('leaves open what says so, and says in JSON Schema what is closed', () => {
    const schema = closed(z.object({ open, any: z.object({}).catchall(z.int()), at: z.array(point.describe('A point.')) }));
    expect(schema.safeParse({ open: { x: 1, y: 2 }, any: { a: 1 }, at: [] }).data).toEqual({ open: { x: 1, y: 2 }, any: { a: 1 }, at: [] });
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
      additionalProperties: false,
      properties: {
        open: { additionalProperties: {} },
        any: { additionalProperties: { type: 'integer' } },
        at: { items: { additionalProperties: false, description: 'A point.' } },
      },
    });
  });

  it('keeps what a tool made of its input itself', () => {
    const more = ({ x }: { readonly x: number }): { x: number } => ({ ...{ y: x }, x });
    const made = point.transform(more).pipe(point);
    expect(closed(made).parse({ x: 1 })).toEqual({ x: 1 });
  });
});

describe('the shipped tools', () => {
  const tools = createTools({ outboxDir: '/nonexistent', clock: new SetClock() });
  const salary = { min: 1, max: 2, currency: 'EUR' };
  const job = {
    job_id: 'a',
    title: 'b',
    company: 'c',
    location: '',
    remote: true,
    salary,
    skills: [],
    description: '',
    url: 'https://a.example',
  };

  it('refuse what they would drop: it was shown to who approves', () => {
    expect(tools.checkArgs('job_submit', { job, cv_markdown: 'x' })).toBeUndefined();
    expect(tools.checkArgs('job_submit', { job: { ...job, salary: { ...salary, per: 'year' } }, cv_markdown: 'x' })).toBe(
      'There is no argument "job.salary.per".',
    );
  });

  it('show in their JSON Schemas that no object takes other members', () => {
    const openPlaces = (schema: unknown, place: string): readonly string[] => {
      if (typeof schema !== 'object' || schema === null) return [];
      const own = (schema as JsonObject)['type'] === 'object' && !('additionalProperties' in schema) ? [place] : [];
      return [...own, ...Object.entries(schema).flatMap(([name, part]) => openPlaces(part, `${place}/${name}`))];
    };
    expect(tools.manifests().flatMap(({ name, inputSchema }) => openPlaces(inputSchema, name))).toEqual([]);
  });
});
