import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Run, RunThen, TimelineEvent } from '../../api/client';
import { runThen } from '../../api/questions';
import { timeInWords } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import { entryAt } from './as-of';
import styles from './as-of.module.css';
import { changesOf, type Changes } from './changes';
import { Differences } from './differences';

const MOST_TOLD = 6;

export interface Past {
  readonly then: RunThen | undefined;
  readonly changes: Changes | undefined;
  readonly error: Error | null;
}

/** The run as it was, and what the event changed; nothing is asked for where no revision is given. */
export function usePast(id: number, at: number | undefined): Past {
  const after = useQuery({ ...runThen(id, at ?? 0), enabled: at !== undefined, placeholderData: keepPreviousData });
  const before = useQuery({ ...runThen(id, Math.max(0, (at ?? 0) - 1)), enabled: at !== undefined && at > 0 });
  const then = at === undefined || after.error ? undefined : after.data;
  const earlier = at === 0 ? undefined : before.data;
  const changes = useMemo(
    () => (then && then.revision === at && (at === 0 || earlier) ? changesOf(earlier, then) : undefined),
    [then, earlier, at],
  );
  return { then, changes, error: at === undefined ? null : (after.error ?? before.error) };
}

/** What is live of a run does not belong into its past. */
export const asItWas = (live: Run, then: RunThen): Run => ({ ...live, ...then, outcome: null });

interface Props {
  readonly then: RunThen;
  readonly last: number;
  readonly entries: readonly TimelineEvent[];
  readonly changes: Changes | undefined;
  readonly select: (step: number) => void;
}

/** Says that it is the past, and what the event did. */
export function PastSentence({ then, last, entries, changes, select }: Props) {
  const entry = entryAt(entries, then.revision);
  const changed = [...(changes?.steps ?? [])];
  const names = new Map(then.steps.map(({ step_id, name }) => [step_id, name]));
  return (
    <div className={styles.told} role="status">
      <p>
        <strong>This is the past:</strong> the run as it was after event {then.revision} of {last}
        {entry && `, ${timeInWords(entry.at)}`}. Nothing can be done to it here.
      </p>
      {changes && (
        <section aria-label="Changed by this event">
          <h3>Changed by this event</h3>
          {then.revision === 0 && <p>The run began.</p>}
          {changes.added > 0 && <p>{changes.added === 1 ? '1 step was planned.' : `${changes.added} steps were planned.`}</p>}
          {changes.run.length > 0 && <Differences differences={changes.run} />}
          <ul>
            {changed
              .filter(([, differences]) => differences.length > 0)
              .slice(0, MOST_TOLD)
              .map(([stepId, differences]) => (
                <li key={stepId}>
                  <button type="button" className={styles.link} onClick={() => select(stepId)}>
                    <Words>{names.get(stepId) ?? `Step ${stepId}`}</Words>
                  </button>
                  <Differences differences={differences} most={4} />
                </li>
              ))}
          </ul>
          {changed.length === 0 && changes.run.length === 0 && then.revision > 0 && <p>Nothing that is shown here.</p>}
          {changed.length - changes.added > MOST_TOLD && <p>and {changed.length - changes.added - MOST_TOLD} more steps</p>}
        </section>
      )}
    </div>
  );
}
