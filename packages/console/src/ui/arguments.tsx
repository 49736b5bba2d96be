import styles from './arguments.module.css';
import { visible, Words } from './visible-text';

interface Leaf {
  readonly name: string;
  readonly text: string;
}

const LONG = 90;
const MOST_SHORT = 8;

function leavesOf(value: unknown, name: string, into: Leaf[]): void {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) into.push({ name, text: value.join(', ') });
  else if (Array.isArray(value)) value.forEach((item, index) => leavesOf(item, `${name} ${index + 1}`, into));
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) leavesOf(inner, name === '' ? key : `${name} ${key}`, into);
  else if (value !== null && value !== undefined) into.push({ name, text: typeof value === 'string' ? value : JSON.stringify(value) });
}

const named = (name: string): string => name.replaceAll('_', ' ');
const isLong = ({ text }: Leaf): boolean => text.length > LONG || text.includes('\n');
const wordCount = (text: string): string => {
  const count = text.split(/\s+/).filter(Boolean).length;
  return count === 1 ? '1 word' : `${count} words`;
};

/** What a tool is called with: short values first, long texts folded, everything as JSON at the end. */
export function Arguments({ args, all = 'All arguments' }: { readonly args: unknown; readonly all?: string }) {
  const leaves: Leaf[] = [];
  leavesOf(args, '', leaves);
  const short = leaves.filter((leaf) => !isLong(leaf) && leaf.text !== '').slice(0, MOST_SHORT);
  return (
    <>
      {short.length > 0 && (
        <dl className={styles.short}>
          {short.map(({ name, text }) => (
            <div key={name}>
              <dt>{visible(named(name))}</dt>
              <dd>
                <Words>{text}</Words>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {leaves.filter(isLong).map(({ name, text }) => (
        <details key={name} className={styles.long}>
          <summary>
            {visible(named(name))}, {wordCount(text)}
          </summary>
          <pre dir="auto" tabIndex={0}>
            {visible(text)}
          </pre>
        </details>
      ))}
      <Json value={args} title={all} />
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
