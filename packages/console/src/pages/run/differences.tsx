import { visible } from '../../ui/visible-text';
import styles from './as-of.module.css';
import type { Difference } from './changes';

const LONG = 120;

const short = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return visible(text.length > LONG ? `${text.slice(0, LONG)}…` : text);
};

/** Places that differ, each with what it was and what it is. */
export function Differences({ differences, most = 12 }: { readonly differences: readonly Difference[]; readonly most?: number }) {
  return (
    <ul className={styles.differences}>
      {differences.slice(0, most).map(({ path, before, after }) => (
        <li key={path}>
          <code>{visible(path.replaceAll('_', ' '))}</code> {before != null && <del>{short(before)}</del>}
          {before != null && ' → '}
          <ins>{after == null ? 'nothing' : short(after)}</ins>
        </li>
      ))}
      {differences.length > most && <li>and {differences.length - most} more places</li>}
    </ul>
  );
}
