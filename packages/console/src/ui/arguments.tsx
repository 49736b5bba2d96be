import styles from './arguments.module.css';
import { visible, Words } from './visible-text';

interface Leaf {
  readonly name: string;
  readonly text: string;
  /** What a person reads first has the lowest: words, then numbers, then yes or no, then what only programs read. */
  readonly rank: number;
}

const rankOf = (name: string, value: unknown): number =>
  /(^|[ _])id$/.test(name) ? 3 : typeof value === 'string' ? 0 : typeof value === 'number' ? 1 : 2;

const LONG = 90;
const MOST_SHORT = 8;

function leavesOf(value: unknown, name: string, into: Leaf[]): void {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) into.push({ name, text: value.join(', '), rank: 1 });
  else if (Array.isArray(value)) value.forEach((item, index) => leavesOf(item, `${name} ${index + 1}`, into));
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) leavesOf(inner, name === '' ? key : `${name} ${key}`, into);
  else if (value !== null && value !== undefined)
    into.push({ name, text: typeof value === 'string' ? value : JSON.stringify(value), rank: rankOf(name, value) });
}

/** What most of the arguments are in needs no name: the `title` of a `job`, where nothing else is a title. */
function namesOf(leaves: readonly Leaf[]): (leaf: Leaf) => string {
  const outerOf = ({ name }: Leaf): string => name.split(' ', 1)[0]!;
  const innerOf = (leaf: Leaf): string => {
    const inner = leaf.name.slice(outerOf(leaf).length + 1);
    const isMost = leaves.filter((other) => outerOf(other) === outerOf(leaf)).length > leaves.length / 2;
    return isMost && inner !== '' && !/^\d/.test(inner) ? inner : leaf.name;
  };
  const isClear = (text: string): boolean => leaves.filter((leaf) => innerOf(leaf) === text || leaf.name === text).length === 1;
  return (leaf) => visible((isClear(innerOf(leaf)) ? innerOf(leaf) : leaf.name).replaceAll('_', ' '));
}

const isLong = ({ text }: Leaf): boolean => text.length > LONG || text.includes('\n');
const wordCount = (text: string): string => {
  const count = text.split(/\s+/).filter(Boolean).length;
  return count === 1 ? '1 word' : `${count} words`;
};

/** What a tool is called with: short values first, long texts folded, everything as JSON at the end. */
export function Arguments({ args, all = 'All arguments' }: { readonly args: unknown; readonly all?: string }) {
  const leaves: Leaf[] = [];
  leavesOf(args, '', leaves);
  const named = namesOf(leaves);
  const allShort = leaves.filter((leaf) => !isLong(leaf) && leaf.text !== '').sort((one, other) => one.rank - other.rank);
  const short = allShort.slice(0, MOST_SHORT);
  const more = allShort.length - short.length;
  return (
    <>
      {short.length > 0 && (
        <dl className={styles.short}>
          {short.map((leaf) => (
            <div key={leaf.name}>
              <dt>{named(leaf)}</dt>
              <dd>
                <Words>{leaf.text}</Words>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {leaves.filter(isLong).map((leaf) => (
        <details key={leaf.name} className={styles.long}>
          <summary>
            {named(leaf)}, {wordCount(leaf.text)}
          </summary>
          <pre dir="auto" tabIndex={0}>
            {visible(leaf.text)}
          </pre>
        </details>
      ))}
      <Json value={args} title={more > 0 ? `${all}, ${more} more than above` : all} />
    </>
  );
}

export function Json({ value, title }: { readonly value: unknown; readonly title: string }) {
  return (
    <details className={styles.long}>
      <summary>{title}</summary>
      <pre tabIndex={0}>{visible(JSON.stringify(value, null, 2) ?? 'nothing')}</pre>
    </details>
  );
}
