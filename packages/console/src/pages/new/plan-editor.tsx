import { useId, useRef } from 'react';
import { visible } from '../../ui/visible-text';
import styles from './new.module.css';

export interface LineFault {
  readonly line: number;
  readonly message: string;
}

interface Props {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly faults: readonly LineFault[];
}

const MOST_LINES = 24;

/** A text with numbered lines; what is wrong is told by its line, and marked there. */
export function PlanEditor({ label, value, change, faults }: Props) {
  const id = useId();
  const gutter = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const lines = value.split('\n');
  const wrongLines = new Set(faults.map(({ line }) => line));
  const goTo = (line: number): void => {
    const from = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
    field.current?.focus();
    field.current?.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
    const height = (field.current?.scrollHeight ?? 0) / lines.length;
    field.current?.scrollTo({ top: Math.max(0, (line - 4) * height) });
  };
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <div className={styles.editor}>
        <div className={styles.gutter} ref={gutter} aria-hidden="true">
          {lines.map((_, index) => {
            const isWrong = wrongLines.has(index + 1);
            return (
              <div key={index} className={isWrong ? styles.wrong : undefined}>
                {isWrong ? '▸ ' : ''}
                {index + 1}
              </div>
            );
          })}
        </div>
        <textarea
          id={id}
          ref={field}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          rows={Math.min(MOST_LINES, Math.max(8, lines.length + 1))}
          value={value}
          aria-invalid={faults.length > 0}
          aria-describedby={faults.length > 0 ? `${id}-faults` : undefined}
          onChange={({ target }) => change(target.value)}
          onScroll={({ currentTarget }) => {
            if (gutter.current) gutter.current.scrollTop = currentTarget.scrollTop;
          }}
        />
      </div>
      {faults.length > 0 && (
        <div role="status">
          <ul id={`${id}-faults`} className={styles.faults}>
            {faults.map(({ line, message }, index) => (
              <li key={index}>
                <button type="button" onClick={() => goTo(line)}>
                  Line {line}
                </button>{' '}
                {visible(message)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
