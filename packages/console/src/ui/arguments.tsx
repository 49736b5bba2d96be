import { Link } from '@tanstack/react-router';
import styles from './arguments.module.css';
import { visible, Words } from './visible-text';

interface Leaf {
  readonly name: string;
  /** JSON Pointer into the arguments. */
  readonly place: string;
  readonly text: string;
  /** What a person reads first has the lowest: words, then numbers, then yes or no, then what only programs read. */
  readonly rank: number;
}

/** A place in the arguments that came from another step's output. */
export interface Source {
  readonly place: string;
  readonly step_id: number;
  readonly step_name: string;
}

const rankOf = (name: string, value: unknown): number =>
  /(^|[ _])id$/.test(name) ? 3 : typeof value === 'string' ? 0 : typeof value === 'number' ? 1 : 2;

const LONG = 90;
const MOST_SHORT = 8;

const inner = (place: string, key: string | number): string => `${place}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

function leavesOf(value: unknown, name: string, place: string, into: Leaf[]): void {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) into.push({ name, place, text: value.join(', '), rank: 1 });
  else if (Array.isArray(value)) value.forEach((item, index) => leavesOf(item, `${name} ${index + 1}`, inner(place, index), into));
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) leavesOf(member, name === '' ? key : `${name} ${key}`, inner(place, key), into);
  else if (value !== null && value !== undefined)
    into.push({ name, place, text: typeof value === 'string' ? value : JSON.stringify(value), rank: rankOf(name, value) });
}

/** What most of the arguments are in needs no name: the `title` of a `job`, where nothing else is a title. */
function namesOf(leaves: readonly Leaf[]): (leaf: Leaf) => string {
  const outerOf = ({ name }: Leaf): string => name.split(' ', 1)[0]!;
  const innerOf = (leaf: Leaf): string => {
    const rest = leaf.name.slice(outerOf(leaf).length + 1);
    const isMost = leaves.filter((other) => outerOf(other) === outerOf(leaf)).length > leaves.length / 2;
    return isMost && rest !== '' && !/^\d/.test(rest) ? rest : leaf.name;
  };
  const isClear = (text: string): boolean => leaves.filter((leaf) => innerOf(leaf) === text || leaf.name === text).length === 1;
  return (leaf) => visible((isClear(innerOf(leaf)) ? innerOf(leaf) : leaf.name).replaceAll('_', ' '));
}

const isLong = ({ text }: Leaf): boolean => text.length > LONG || text.includes('\n');
const wordCount = (text: string): string => {
  const count = text.split(/\s+/).filter(Boolean).length;
  return count === 1 ? '1 word' : `${count} words`;
};

const isIn = (place: string, outer: string): boolean => place === outer || place.startsWith(`${outer}/`);
/** The innermost source that a value is in, or else one that is in it. */
const sourceOf = (sources: readonly Source[], { place }: Leaf): Source | undefined =>
  sources.filter((one) => isIn(place, one.place)).sort((one, other) => other.place.length - one.place.length)[0] ??
  sources.find((one) => isIn(one.place, place));

interface Group {
  readonly source: Source | undefined;
  readonly leaves: Leaf[];
}

/** Neighbours of one origin together, so that it is said once. */
function groupsOf(leaves: readonly Leaf[], sources: readonly Source[]): readonly Group[] {
  const groups: Group[] = [];
  for (const leaf of leaves) {
    const source = sourceOf(sources, leaf);
    const last = groups.at(-1);
    if (last && last.source?.step_id === source?.step_id) last.leaves.push(leaf);
    else groups.push({ source, leaves: [leaf] });
  }
  return groups;
}

interface Props {
  readonly args: unknown;
  readonly all?: string;
  /** JSON Pointers to what matters most, in order. */
  readonly shows?: readonly string[];
  readonly sources?: readonly Source[];
  /** The run that the sources are steps of. */
  readonly run?: number;
}

/** What a tool is called with: what matters and short values first, long texts folded, everything as JSON at the end. */
export function Arguments({ args, all = 'All arguments', shows = [], sources = [], run }: Props) {
  const leaves: Leaf[] = [];
  leavesOf(args, '', '', leaves);
  const named = namesOf(leaves);
  const showOf = ({ place }: Leaf): number => {
    const index = shows.findIndex((show) => isIn(place, show));
    return index === -1 ? shows.length : index;
  };
  const ordered = [...leaves].sort((one, other) => showOf(one) - showOf(other));
  const allShort = ordered
    .filter((leaf) => !isLong(leaf) && leaf.text !== '')
    .sort((one, other) => showOf(one) - showOf(other) || one.rank - other.rank);
  const short = allShort.slice(0, MOST_SHORT);
  const more = allShort.length - short.length;
  const origin = ({ step_id: step, step_name: name }: Source) => (
    <>
      from step{' '}
      {run === undefined ? (
        <Words>{name}</Words>
      ) : (
        <Link to="/runs/$id" params={{ id: run }} search={{ step }}>
          <Words>{name}</Words>
        </Link>
      )}
    </>
  );
  return (
    <>
      {groupsOf(short, sources).map(({ source, leaves: own }) => (
        <div key={own[0]!.place} className={source && styles.sourced}>
          <dl className={styles.short}>
            {own.map((leaf) => (
              <div key={leaf.place}>
                <dt>{named(leaf)}</dt>
                <dd className={showOf(leaf) < shows.length ? styles.first : undefined}>
                  <Words>{leaf.text}</Words>
                </dd>
              </div>
            ))}
          </dl>
          {source && <small>{origin(source)}</small>}
        </div>
      ))}
      {ordered.filter(isLong).map((leaf) => {
        const source = sourceOf(sources, leaf);
        return (
          <details key={leaf.place} className={styles.long}>
            <summary>
              {named(leaf)}, {wordCount(leaf.text)}
              {source && (
                <>
                  , from step <Words>{source.step_name}</Words>
                </>
              )}
            </summary>
            <pre dir="auto" tabIndex={0}>
              {visible(leaf.text)}
            </pre>
          </details>
        );
      })}
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
