import { useMemo, useState } from 'react';
import type { Step, TimelineEvent } from '../../api/client';
import { StepStateWord } from '../../ui/states';
import { durationOf, TimeAgo } from '../../ui/time';
import { visible, Words } from '../../ui/visible-text';
import { ChangedMark } from '../../ui/changed-mark';
import styles from './run.module.css';

/** Rows that are drawn at first, and with each wish for more. */
const ROWS_AT_ONCE = 200;

interface Group {
  readonly stepId: number | null;
  readonly entries: TimelineEvent[];
}

/** One group for each step, where it first appears; what concerns the whole run stands between them. */
function grouped(entries: readonly TimelineEvent[]): readonly Group[] {
  const groups: Group[] = [];
  const ofStep = new Map<number, Group>();
  for (const entry of entries) {
    const known = entry.step_id === null ? undefined : ofStep.get(entry.step_id);
    if (known) known.entries.push(entry);
    else {
      const group = { stepId: entry.step_id, entries: [entry] };
      groups.push(group);
      if (entry.step_id !== null) ofStep.set(entry.step_id, group);
    }
  }
  return groups;
}

/** The words of an entry without what its group says already. */
function wordsOf({ type, message, data }: TimelineEvent, name: string | undefined): string {
  const attempt = typeof data['attempt'] === 'number' && data['attempt'] > 1 ? ` (attempt ${data['attempt']})` : '';
  const short = name === undefined ? message : message.replace(`: ${name}`, '').replace(/^Step /, '');
  const said = type === 'approval_granted' || type === 'approval_rejected' ? `${short} by user ${String(data['decided_by'])}` : short;
  const capital = said.charAt(0).toUpperCase() + said.slice(1);
  return capital.includes('attempt') ? capital : `${capital}${attempt}`;
}

interface Props {
  readonly entries: readonly TimelineEvent[];
  readonly steps: readonly Step[];
  readonly selected: number | undefined;
  /** The entry of the event as of which the run is shown. */
  readonly marked: number | undefined;
  readonly select: (step: number) => void;
}

/** What happened, a row for each step that grows while it runs. */
export function Timeline({ entries, steps, selected, marked, select }: Props) {
  const byId = new Map(steps.map((step) => [step.step_id, step]));
  const groups = useMemo(() => grouped(entries), [entries]);
  const [most, setMost] = useState(ROWS_AT_ONCE);
  // What is selected elsewhere is shown here too.
  const chosen = selected === undefined ? -1 : groups.findIndex(({ stepId }) => stepId === selected);
  const shown = Math.max(most, chosen + 1);
  return (
    <>
      <ol className={styles.timeline}>
        {groups.slice(0, shown).map(({ stepId, entries: own }) => {
          const [first] = own;
          const step = stepId === null ? undefined : byId.get(stepId);
          const last = own.at(-1)!;
          if (!first) return null;
          if (step === undefined) {
            return (
              <li key={first.id} className={styles.whole}>
                <Words>{wordsOf(first, undefined)}</Words> <TimeAgo at={first.at} /> {first.id === marked && <ChangedMark />}
              </li>
            );
          }
          return (
            <li key={`step ${stepId}`}>
              <button
                type="button"
                className={`${styles.group} ${selected === stepId ? styles.selected : ''}`}
                aria-pressed={selected === stepId}
                onClick={() => select(step.step_id)}
              >
                <strong>
                  <Words>{step.name}</Words>
                </strong>
                <StepStateWord state={step.state} />
                <span className={styles.chain}>
                  {own.map((entry) => (
                    <span key={entry.id} className={entry.id === marked ? styles.marked : ''}>
                      {visible(wordsOf(entry, step.name))}
                    </span>
                  ))}
                </span>
                <small>{own.length > 1 ? durationOf(first.at, last.at) : <TimeAgo at={first.at} />}</small>
              </button>
            </li>
          );
        })}
      </ol>
      {groups.length > shown && (
        <button type="button" onClick={() => setMost(shown + ROWS_AT_ONCE)}>
          Show {Math.min(ROWS_AT_ONCE, groups.length - shown)} more of {groups.length}
        </button>
      )}
    </>
  );
}
