import { lazy, Suspense, useId, useState } from 'react';
import type { SimulatedStep } from '../../api/client';
import { Json } from '../../ui/arguments';
import { Risk, Skeleton } from '../../ui/states';
import { visible, Words } from '../../ui/visible-text';
import styles from './new.module.css';

const RunGraph = lazy(async () => ({ default: (await import('../../ui/graph/run-graph')).RunGraph }));

/** A larger plan is drawn and listed in full only when asked for. */
const LARGE = 200;
const MOST_NAMED = 5;

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function Skips({ step, names }: { readonly step: SimulatedStep; readonly names: ReadonlyMap<string, string> }) {
  if (step.verdict === 'auto') return <span className={styles.soft}>–</span>;
  const named = step.rejection_skips.slice(0, MOST_NAMED);
  const more = step.rejection_skips_count - named.length;
  return (
    <>
      this step
      {step.rejection_skips_count === 0 && ', nothing else'}
      {named.map((key) => (
        <span key={key}>
          , <Words>{names.get(key) ?? key}</Words>
        </span>
      ))}
      {more > 0 && ` and ${more} more`}
      {step.rejection_skips_count > 0 && ` (${step.rejection_skips_count + 1} in all)`}
    </>
  );
}

const NOTHING: ReadonlySet<number> = new Set();

/** What would run, and who would be asked. */
export function Preview({ steps, planner }: { readonly steps: readonly SimulatedStep[]; readonly planner: string }) {
  const id = useId();
  const [selected, setSelected] = useState<number>();
  const [wantsAll, setWantsAll] = useState(false);
  const names = new Map(steps.map(({ key, name }) => [key, name]));
  const asked = steps.filter(({ verdict }) => verdict === 'approval').length;
  const lasting = steps.filter(({ irreversible }) => irreversible).length;
  const isLarge = steps.length > LARGE && !wantsAll;
  const drawn = steps.map(({ key, name, tool, depends_on, risk_level, verdict }, index) => ({
    step_id: index + 1,
    key,
    name,
    tool,
    depends_on,
    risk_level,
    state: verdict === 'approval' ? ('BLOCKED' as const) : ('PENDING' as const),
  }));
  const select = (step: number): void => {
    setSelected(step);
    document.getElementById(`${id}-${step}`)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <p>
        {counted(steps.length, 'step', 'steps')}:{' '}
        {asked === 0 ? 'nobody would be asked' : counted(asked, 'waits for approval', 'wait for approval')},{' '}
        {lasting === 0 ? 'nothing is irreversible' : counted(lasting, 'is irreversible', 'are irreversible')}.{' '}
        <small>{planner === 'given' ? 'The plan is yours.' : `Planned by: ${visible(planner)}.`}</small>
      </p>
      {isLarge ? (
        <button type="button" onClick={() => setWantsAll(true)}>
          Draw and list all {steps.length} steps
        </button>
      ) : (
        <Suspense fallback={<Skeleton shape="page" />}>
          <RunGraph steps={drawn} selected={selected} changed={NOTHING} select={select} />
        </Suspense>
      )}
      <table className={styles.table} role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader">Step</th>
            <th role="columnheader">Risk</th>
            <th role="columnheader">What happens</th>
            <th role="columnheader">A rejection skips</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {(isLarge ? steps.slice(0, LARGE) : steps).map((step, index) => (
            <tr key={step.key} role="row" id={`${id}-${index + 1}`} className={selected === index + 1 ? styles.selected : undefined}>
              <td role="cell">
                <strong>
                  <Words>{step.name}</Words>
                </strong>
                <br />
                <code>{step.tool}</code>
                <Json value={step.args} title="Arguments" />
              </td>
              <td role="cell">
                <Risk level={step.risk_level} {...(step.irreversible && { note: 'irreversible' })} />
              </td>
              <td role="cell">
                {step.verdict === 'approval' ? <strong>Waits for approval</strong> : 'Runs by itself'}
                <br />
                <small>{visible(step.rule)}</small>
              </td>
              <td role="cell" data-label="A rejection skips: ">
                <Skips step={step} names={names} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
