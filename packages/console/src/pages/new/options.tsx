import { useId } from 'react';
import form from '../../ui/form.module.css';
import styles from './new.module.css';

/** As they are in the fields; empty where nothing is said. */
export interface Options {
  readonly require_approval_from: '' | 'L2' | 'L3';
  readonly priority: '' | 'high' | 'normal' | 'low';
  readonly on_failure: '' | 'wait' | 'fail' | 'skip';
  /** Local times. */
  readonly start_at: string;
  readonly deadline: string;
}

export const NO_OPTIONS: Options = { require_approval_from: '', priority: '', on_failure: '', start_at: '', deadline: '' };

const timeOf = (local: string): string => new Date(local).toISOString();

/** The members of a submission that say something. */
export const optionsBody = ({ priority, on_failure, start_at, deadline }: Options) => ({
  ...(priority !== '' && { priority }),
  ...(on_failure !== '' && { on_failure }),
  ...(start_at !== '' && { start_at: timeOf(start_at) }),
  ...(deadline !== '' && { deadline: timeOf(deadline) }),
});

const CHOICES = [
  [
    'require_approval_from',
    'Who is asked',
    [
      ['', 'as configured'],
      ['L3', 'a person from L3 on'],
      ['L2', 'a person from L2 on'],
    ],
  ],
  [
    'priority',
    'Priority',
    [
      ['', 'normal'],
      ['high', 'high: before others'],
      ['low', 'low: after others'],
    ],
  ],
  [
    'on_failure',
    'If a step fails for good',
    [
      ['', 'wait for a person'],
      ['fail', 'fail the run'],
      ['skip', 'skip it and what depends on it'],
    ],
  ],
] as const;

const TIMES = [
  ['start_at', 'Not before'],
  ['deadline', 'To be finished by'],
] as const;

interface Props {
  readonly options: Options;
  readonly change: (options: Options) => void;
}

export function OptionFields({ options, change }: Props) {
  const id = useId();
  return (
    <details>
      <summary>Options</summary>
      <div className={styles.options}>
        {CHOICES.map(([name, label, values]) => (
          <div key={name} className={form.stack}>
            <label htmlFor={`${id}-${name}`}>{label}</label>
            <select id={`${id}-${name}`} value={options[name]} onChange={({ target }) => change({ ...options, [name]: target.value })}>
              {values.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </div>
        ))}
        {TIMES.map(([name, label]) => (
          <div key={name} className={form.stack}>
            <label htmlFor={`${id}-${name}`}>{label}</label>
            <input
              id={`${id}-${name}`}
              type="datetime-local"
              value={options[name]}
              onChange={({ target }) => change({ ...options, [name]: target.value })}
            />
          </div>
        ))}
      </div>
    </details>
  );
}
