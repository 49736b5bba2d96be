type Schema = Readonly<Record<string, unknown>>;

/** One argument, as a line of a table. */
export interface SchemaRow {
  /** Its way from the outside: `job.title`, `items[].name`. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
  readonly limits: readonly string[];
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A schema may hold itself. */
const MOST_DEEP = 6;

/** What a reference within the same document stands for. */
function resolved(schema: Schema, root: Schema, depth = 0): Schema {
  const reference = schema['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#') || depth > MOST_DEEP) return schema;
  const way = reference.slice(2).split('/').filter(Boolean);
  const found = way.reduce<unknown>((at, part) => (isSchema(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined), root);
  return isSchema(found) ? { ...resolved(found, root, depth + 1), ...schema, $ref: undefined } : schema;
}

const choicesOf = (schema: Schema): readonly Schema[] => [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])].filter(isSchema);

function typeOf(schema: Schema, root: Schema, depth = 0): string {
  const found = resolved(schema, root);
  const choices = choicesOf(found);
  if (depth > MOST_DEEP) return 'anything';
  if (choices.length > 0) return [...new Set(choices.map((choice) => typeOf(choice, root, depth + 1)))].join(' or ');
  if ('const' in found) return JSON.stringify(found['const']);
  if (Array.isArray(found['enum'])) return 'one of several';
  if (found['type'] === 'array') return `list of ${isSchema(found['items']) ? typeOf(found['items'], root, depth + 1) : 'anything'}`;
  if (Array.isArray(found['type'])) return found['type'].join(' or ');
  if (typeof found['type'] !== 'string') return 'anything';
  return typeof found['format'] === 'string' ? `${found['type']} (${found['format']})` : found['type'];
}

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const between = (least: unknown, most: unknown, unit: string): string[] => {
  const isLeast = typeof least === 'number' && !(unit !== '' && least === 0);
  // What programs write for "any that a number can hold".
  const isMost = typeof most === 'number' && most < Number.MAX_SAFE_INTEGER;
  if (isLeast && isMost) return [least === most ? `exactly ${least}${unit}` : `${least} to ${most}${unit}`];
  if (isLeast) return least > Number.MIN_SAFE_INTEGER ? [`at least ${least}${unit}`] : [];
  return isMost ? [`at most ${most}${unit}`] : [];
};

function limitsOf(schema: Schema, root: Schema, depth = 0): readonly string[] {
  const found = resolved(schema, root);
  if (depth > MOST_DEEP) return [];
  const items = found['type'] === 'array' && isSchema(found['items']) ? found['items'] : undefined;
  return [
    ...(Array.isArray(found['enum']) ? [found['enum'].map(show).join(', ')] : []),
    ...between(found['minimum'], found['maximum'], ''),
    ...(typeof found['exclusiveMinimum'] === 'number' ? [`more than ${found['exclusiveMinimum']}`] : []),
    ...(typeof found['exclusiveMaximum'] === 'number' ? [`less than ${found['exclusiveMaximum']}`] : []),
    ...(typeof found['multipleOf'] === 'number' ? [`a multiple of ${found['multipleOf']}`] : []),
    ...between(found['minLength'], found['maxLength'], ' characters'),
    ...between(found['minItems'], found['maxItems'], ' items'),
    ...(found['uniqueItems'] === true ? ['no item twice'] : []),
    // Where a format says it in a word, its pattern says nothing more to a person.
    ...(typeof found['pattern'] === 'string' && found['format'] === undefined ? [`matches ${found['pattern']}`] : []),
    ...('default' in found ? [`without it ${show(found['default'])}`] : []),
    ...(items && !isSchema(resolved(items, root)['properties']) ? limitsOf(items, root, depth + 1).map((limit) => `each: ${limit}`) : []),
    ...choicesOf(found).flatMap((choice) => limitsOf(choice, root, depth + 1)),
  ];
}

/** Where the members of a value are described: of itself, of each item of a list, or of one of several kinds. */
function innerOf(schema: Schema, root: Schema): readonly (readonly [suffix: string, schema: Schema])[] {
  const found = resolved(schema, root);
  if (isSchema(found['properties'])) return [['', found]];
  if (found['type'] === 'array' && isSchema(found['items']))
    return innerOf(found['items'], root).map(([suffix, inner]) => [`[]${suffix}`, inner]);
  return choicesOf(found).flatMap((choice) => innerOf(choice, root));
}

function rowsWithin(schema: Schema, root: Schema, before: string, depth: number): SchemaRow[] {
  if (depth > MOST_DEEP || !isSchema(schema['properties'])) return [];
  const required = listOf(schema['required']);
  return Object.entries(schema['properties']).flatMap(([key, value]) => {
    if (!isSchema(value)) return [];
    const found = resolved(value, root);
    const name = `${before}${key}`;
    const row: SchemaRow = {
      name,
      type: typeOf(value, root),
      isRequired: required.includes(key),
      description: typeof found['description'] === 'string' ? found['description'] : '',
      limits: limitsOf(value, root),
    };
    return [row, ...innerOf(value, root).flatMap(([suffix, inner]) => rowsWithin(inner, root, `${name}${suffix}.`, depth + 1))];
  });
}

/** What a JSON Schema says of an object's members, those within members after them. */
export const schemaRows = (schema: unknown): readonly SchemaRow[] =>
  isSchema(schema) ? rowsWithin(resolved(schema, schema), schema, '', 0) : [];
