import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { Run } from '../../api/client';
import { run as runQuestion, timeline as timelineQuestion } from '../../api/questions';
import { Problem, RunStateWord, Skeleton } from '../../ui/states';
import { StepActs } from '../../ui/step-acts';
import { durationOf, TimeAgo } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import { WaitSentence } from '../../ui/wait-sentence';
import { RunActs } from './run-acts';
import styles from './run.module.css';
import { StepPanel } from './step-panel';
import { Timeline } from './timeline';

const RunGraph = lazy(async () => ({ default: (await import('../../ui/run-graph')).RunGraph }));

/** A larger graph is drawn only when asked for. */
const LARGE_GRAPH = 200;

const RunLink = ({ id, children }: { readonly id: number; readonly children: ReactNode }) => (
  <Link to="/runs/$id" params={{ id }}>
    {children} {id}
  </Link>
);

function Relatives({ run: { rerun_of, reruns, compensates, compensated_by } }: { readonly run: Run }) {
  return (
    <>
      {rerun_of !== null && <RunLink id={rerun_of}>again what was run</RunLink>}
      {reruns.map((id) => (
        <RunLink key={id} id={id}>
          run again as
        </RunLink>
      ))}
      {compensates !== null && <RunLink id={compensates}>undoes run</RunLink>}
      {compensated_by !== null && <RunLink id={compensated_by}>undone by run</RunLink>}
    </>
  );
}

function Header({ run }: { readonly run: Run }) {
  const nameOf = (id: number | null): string | undefined => run.steps.find(({ step_id }) => step_id === id)?.name;
  return (
    <div className={styles.head}>
      <h1 className={styles.intent}>
        <Words>{run.intent}</Words>
      </h1>
      <p className={styles.facts}>
        <RunStateWord state={run.state} isWaiting={run.waiting_for.length > 0} />
        <span>run {run.workflow_id}</span>
        <span>user {run.user_id}</span>
        <span>
          <TimeAgo at={run.created_at} />
          {run.finished_at !== null && `, took ${durationOf(run.created_at, run.finished_at)}`}
        </span>
        <Relatives run={run} />
      </p>
      {run.reason !== null && (
        <p>
          <Words>{run.reason}</Words>
        </p>
      )}
      {run.waiting_for.length > 0 && (
        <ul className={styles.waits}>
          {run.waiting_for.slice(0, 10).map((wait, index) => (
            <li key={index}>
              <WaitSentence wait={wait} stepName={nameOf(wait.step_id)} />
              {wait.kind === 'dead_letter' && wait.step_id !== null && (
                <StepActs
                  stuck={{
                    workflow_id: run.workflow_id,
                    step_id: wait.step_id,
                    args: run.steps.find(({ step_id }) => step_id === wait.step_id)?.args ?? {},
                  }}
                />
              )}
            </li>
          ))}
          {run.waiting_for.length > 10 && <li>and {run.waiting_for.length - 10} more</li>}
        </ul>
      )}
      <RunActs run={run} />
    </div>
  );
}

/** Where a run is, what it did, what it waits for. */
export function RunPage({ id, step }: { readonly id: number; readonly step: number | undefined }) {
  const navigate = useNavigate();
  const { data: run, error, refetch } = useQuery(runQuestion(id));
  const entries = useQuery(timelineQuestion(id));
  const [wantsGraph, setWantsGraph] = useState(false);
  const select = (chosen: number): void =>
    void navigate({ to: '/runs/$id', params: { id }, search: { step: chosen }, replace: true, resetScroll: false });

  if (!run) return error ? <Problem error={error} again={() => void refetch()} /> : <Skeleton shape="page" count={2} />;
  const selected = run.steps.find(({ step_id }) => step_id === step);
  const drawsGraph = run.steps.length > 0 && (run.steps.length <= LARGE_GRAPH || wantsGraph);
  return (
    <>
      <Header run={run} />
      {error && <Problem error={error} again={() => void refetch()} />}
      {run.steps.length === 0 && <p className={styles.soft}>{run.state === 'PLANNING' ? 'It is being planned.' : 'It has no steps.'}</p>}
      {!drawsGraph && run.steps.length > 0 && (
        <button type="button" onClick={() => setWantsGraph(true)}>
          Draw all {run.steps.length} steps
        </button>
      )}
      {drawsGraph && (
        <Suspense fallback={<Skeleton shape="page" />}>
          <RunGraph steps={run.steps} selected={step} select={select} />
        </Suspense>
      )}
      <div className={styles.columns}>
        <section aria-label="Timeline">
          <h2>Timeline</h2>
          {entries.error && <Problem error={entries.error} again={() => void entries.refetch()} />}
          {!entries.data && !entries.error && <Skeleton shape="line" count={3} />}
          {entries.data && <Timeline entries={entries.data} steps={run.steps} selected={step} select={select} />}
        </section>
        {selected ? (
          <StepPanel
            key={selected.step_id}
            run={run}
            step={selected}
            entries={entries.data?.filter(({ step_id }) => step_id === selected.step_id) ?? []}
          />
        ) : (
          run.steps.length > 0 && <p className={styles.soft}>Select a step to see its arguments, output and attempts.</p>
        )}
      </div>
    </>
  );
}
