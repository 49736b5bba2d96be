import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useMemo } from 'react';
import type { Run, Step, TimelineEvent } from '../../api/client';
import { run as runQuestion } from '../../api/questions';
import { Problem, RunStateWord, Skeleton, StepStateWord } from '../../ui/states';
import { useDrawnRows } from '../../ui/virtual-list';
import { Words } from '../../ui/visible-text';
import { compared } from './changes';
import { Differences } from './differences';
import styles from './shadow.module.css';

/** Says that it is a shadow, of what and from where. */
export function ShadowSentence({ run, entries }: { readonly run: Run; readonly entries: readonly TimelineEvent[] }) {
  const from = entries.find(({ type }) => type === 'workflow_started')?.data['from_revision'];
  const revision = typeof from === 'number' ? from : undefined;
  return (
    <p className={styles.sentence}>
      A shadow of{' '}
      {run.fork_of !== null && (
        <Link to="/runs/$id" params={{ id: run.fork_of }} search={revision === undefined ? {} : { at: revision }}>
          run {run.fork_of}
        </Link>
      )}
      {revision !== undefined && ` from revision ${revision}`}: nothing is called
    </p>
  );
}

const Side = ({ step }: { readonly step: Step | undefined }) => (step ? <StepStateWord state={step.state} /> : <small>not there</small>);

/** Takes the place of rows that are not drawn. */
const Room = ({ height }: { readonly height: number }) =>
  height > 0 && (
    <tr aria-hidden className={styles.room}>
      <td colSpan={4} style={{ height }} />
    </tr>
  );

/** A shadow beside its original, step by step. */
export function Comparison({ of, shadow, select }: { readonly of: number; readonly shadow: Run; readonly select: (step: number) => void }) {
  const { data: original, error, refetch } = useQuery(runQuestion(of));
  const steps = useMemo(() => (original ? compared(original.steps, shadow.steps) : []), [original, shadow.steps]);
  const other = useMemo(() => steps.filter(({ differences }) => differences.length > 0), [steps]);
  const { box, rows, after, measure, handlers } = useDrawnRows({ items: other, keyOf: ({ key }) => key, height: 64 });
  if (!original) return error ? <Problem error={error} again={() => void refetch()} /> : <Skeleton shape="line" />;
  const same = steps.length - other.length;
  return (
    <section aria-label="Beside the original" className={styles.comparison}>
      <h2>Beside the original</h2>
      <table aria-rowcount={other.length + 2}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Step</th>
            <th scope="col">
              <Link to="/runs/$id" params={{ id: of }} search={{}}>
                Run {of}
              </Link>
            </th>
            <th scope="col">This shadow</th>
            <th scope="col">What differs</th>
          </tr>
        </thead>
        <tbody>
          <tr aria-rowindex={2}>
            <th scope="row">The whole run</th>
            <td>
              <RunStateWord state={original.state} isWaiting={original.waiting_for.length > 0} />
            </td>
            <td>
              <RunStateWord state={shadow.state} isWaiting={shadow.waiting_for.length > 0} />
            </td>
            <td>{other.length === 0 ? 'nothing' : other.length === 1 ? '1 step' : `${other.length} steps`}</td>
          </tr>
        </tbody>
        <tbody
          ref={(element) => {
            box.current = element;
          }}
          {...handlers}
        >
          {rows.map(({ item: { key, name, original: one, shadow: two, differences }, index, before }) => (
            <Fragment key={key}>
              <Room height={before} />
              <tr ref={measure} data-index={index} aria-rowindex={index + 3}>
                <th scope="row">
                  {two ? (
                    <button type="button" className={styles.link} onClick={() => select(two.step_id)}>
                      <Words>{name}</Words>
                    </button>
                  ) : (
                    <Words>{name}</Words>
                  )}
                </th>
                <td>
                  <Side step={one} />
                </td>
                <td>
                  <Side step={two} />
                </td>
                <td>
                  <Differences differences={differences.filter(({ path }) => path !== 'state' && path !== 'skipped')} />
                </td>
              </tr>
            </Fragment>
          ))}
          <Room height={after} />
        </tbody>
      </table>
      {same > 0 && <p className={styles.same}>{same === 1 ? '1 step is' : `${same} steps are`} the same.</p>}
    </section>
  );
}
