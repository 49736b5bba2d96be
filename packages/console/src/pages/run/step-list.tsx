import { useMemo, useState } from 'react';
import type { Step } from '../../api/client';
import form from '../../ui/form.module.css';
import { Risk, StepStateWord, stepStateWord } from '../../ui/states';
import { VirtualList } from '../../ui/virtual-list';
import { visible, Words } from '../../ui/visible-text';
import styles from './run.module.css';

/** Steps that are named of those that a step comes after. */
const MOST_NAMED = 3;

interface Props {
  readonly steps: readonly Step[];
  readonly selected: number | undefined;
  readonly changed: ReadonlySet<number>;
  readonly select: (step: number) => void;
}

/** What the graph shows, in words: each step in the order of the plan, its state, and what it comes after. */
export function StepList({ steps, selected, changed, select }: Props) {
  const [state, setState] = useState('');
  const [text, setText] = useState('');
  const names = useMemo(() => new Map(steps.map(({ key, name }) => [key, name])), [steps]);
  const counts = useMemo(() => {
    const found = new Map<Step['state'], number>();
    for (const step of steps) found.set(step.state, (found.get(step.state) ?? 0) + 1);
    return [...found];
  }, [steps]);
  const wanted = text.trim().toLowerCase();
  const found = useMemo(
    () =>
      steps.filter(
        (step) =>
          (state === '' || step.state === state) &&
          (wanted === '' || `${step.name} ${step.tool} ${step.key}`.toLowerCase().includes(wanted)),
      ),
    [steps, state, wanted],
  );
  const afterOf = (keys: readonly string[]): string => {
    const named = keys.slice(0, MOST_NAMED).map((key) => visible(names.get(key) ?? key));
    return `${named.join(', ')}${keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : ''}`;
  };
  return (
    <section aria-label="Steps">
      <div className={form.row}>
        <input
          type="search"
          aria-label="Search in steps"
          placeholder="Search in steps"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <select aria-label="Steps in state" value={state} onChange={({ target }) => setState(target.value)}>
          <option value="">Any state</option>
          {counts.map(([word, count]) => (
            <option key={word} value={word}>
              {stepStateWord(word)} ({count})
            </option>
          ))}
        </select>
        <small role="status">{found.length === steps.length ? `${steps.length} steps` : `${found.length} of ${steps.length} steps`}</small>
      </div>
      <VirtualList
        name="Steps of the plan"
        items={found}
        keyOf={({ step_id: id }) => id}
        height={64}
        kept={found.findIndex(({ step_id }) => step_id === selected)}
        className={styles.timeline}
      >
        {(step) => (
          <button
            type="button"
            className={`${styles.group} ${selected === step.step_id ? styles.selected : ''}`}
            aria-pressed={selected === step.step_id}
            onClick={() => select(step.step_id)}
          >
            <strong>
              <Words>{step.name}</Words>
            </strong>
            <StepStateWord state={step.state} />
            <span className={styles.chain}>
              {step.tool}
              {step.depends_on.length > 0 && `, after ${afterOf(step.depends_on)}`}
              {changed.has(step.step_id) && ', changed by this event'}
            </span>
            {(step.risk_level === 'L2' || step.risk_level === 'L3') && <Risk level={step.risk_level} note="" />}
          </button>
        )}
      </VirtualList>
    </section>
  );
}
