import { useMemo } from 'react';
import type { Step, TimelineEvent } from '../../api/client';
import { StepStateWord } from '../../ui/states';
import { durationOf, TimeAgo } from '../../ui/time';
import { VirtualList } from '../../ui/virtual-list';
import { visible, Words } from '../../ui/visible-text';
import { ChangedMark } from '../../ui/changed-mark';
import styles from './run.module.css';

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
  const byId = useMemo(() => new Map(steps.map((step) => [step.step_id, step])), [steps]);
  const groups = useMemo(() => grouped(entries), [entries]);
  // What is selected elsewhere is there too.
  const chosen = selected === undefined ? -1 : groups.findIndex(({ stepId }) => stepId === selected);
  return (
    <VirtualList
      name="What happened"
      items={groups}
      keyOf={({ stepId, entries: [first] }) => (stepId === null ? `entry ${first!.id}` : `step ${stepId}`)}
      height={64}
      kept={chosen}
      className={styles.timeline}
    >
      {({ stepId, entries: own }) => {
        const first = own[0]!;
        const last = own.at(-1)!;
        const step = stepId === null ? undefined : byId.get(stepId);
        if (step === undefined) {
          return (
            <div className={styles.whole}>
              <Words>{wordsOf(first, undefined)}</Words> <TimeAgo at={first.at} /> {first.id === marked && <ChangedMark />}
            </div>
          );
        }
        return (
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
        );
      }}
    </VirtualList>
  );
}
