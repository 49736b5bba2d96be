/** Members that tell most of what a call does, in the order in which a person wants to know them. */
const TELLING = ['title', 'name', 'company', 'recipient', 'subject', 'location', 'start_date', 'amount'];
const LONGEST_VALUE = 100;
const MOST_MEMBERS = 6;

const rank = (name: string): number => (TELLING.indexOf(name) + TELLING.length + 1) % (TELLING.length + 1);

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return undefined;
  const line = value.replace(/\s+/g, ' ').trim();
  if (line.length <= LONGEST_VALUE) return line;
  return `${line.slice(0, LONGEST_VALUE / 2).trimEnd()}… (${line.split(' ').length} words)`;
}

function valueOf(value: unknown): string {
  const text = textOf(value);
  if (text !== undefined) return text;
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    const items = value.map(textOf);
    const shown = items.every((item) => item !== undefined) ? items.join(', ') : '';
    return shown !== '' && shown.length <= LONGEST_VALUE ? shown : `${value.length} item${value.length === 1 ? '' : 's'}`;
  }
  const members = Object.entries(value)
    .flatMap(([name, member]) => {
      const shown = textOf(member);
      return shown === undefined || shown.length > LONGEST_VALUE / 2 ? [] : [{ name, shown }];
    })
    .sort((a, b) => rank(a.name) - rank(b.name));
  return members
    .slice(0, MOST_MEMBERS)
    .map(({ name, shown }) => (TELLING.includes(name) ? shown : `${name} ${shown}`))
    .join(' · ');
}

/** A call's arguments for somebody who is to decide about it: one line each, what tells most first, long texts shortened. */
export const describeArguments = (args: unknown): readonly string[] =>
  args === null || typeof args !== 'object'
    ? []
    : Object.entries(args)
        .sort(([a], [b]) => rank(a) - rank(b))
        .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${valueOf(value)}`);
