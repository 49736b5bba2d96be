import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import type { Run, Step, TimelineEvent } from '../../api/client';
import { run as runQuestion, timeline as timelineQuestion } from '../../api/questions';
import { Problem, RunStateWord, Skeleton } from '../../ui/states';
import { StepActs } from '../../ui/step-acts';
import form from '../../ui/form.module.css';
import { durationOf, Then, TimeAgo } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import { WaitSentence } from '../../ui/wait-sentence';
import { AsOf, entryAt } from './as-of';
import time from './as-of.module.css';
import { ForkForm } from './fork-form';
import { asItWas, PastSentence, usePast } from './past';
import { RunActs } from './run-acts';
import { runViewOf, type RunView } from './run-view';
import styles from './run.module.css';
import { Comparison, ShadowSentence } from './shadow';
import { StepList } from './step-list';
import { StepPanel } from './step-panel';
import { Timeline } from './timeline';
import { Waterfall } from './waterfall';

const RunGraph = lazy(async () => ({ default: (await import('../../ui/graph/run-graph')).RunGraph }));

const RunLink = ({ id, children }: { readonly id: number; readonly children: ReactNode }) => (
  <Link to="/runs/$id" params={{ id }}>
    {children} {id}
  </Link>
);

function Relatives({ run: { rerun_of, reruns, compensates, compensated_by, forks } }: { readonly run: Run }) {
  return (
    <>
      {rerun_of !== null && <RunLink id={rerun_of}>again what was run</RunLink>}
      {reruns.map((id) => (
        <RunLink key={id} id={id}>
          run again as
        </RunLink>
      ))}
      {forks.map((id) => (
        <RunLink key={id} id={id}>
          what if: shadow
        </RunLink>
      ))}
      {compensates !== null && <RunLink id={compensates}>undoes run</RunLink>}
      {compensated_by !== null && <RunLink id={compensated_by}>undone by run</RunLink>}
    </>
  );
}

interface HeaderProps {
  readonly run: Run;
  readonly isPast: boolean;
  readonly entries: readonly TimelineEvent[];
}

function Header({ run, isPast, entries }: HeaderProps) {
  const stepOf = (id: number | null): Step | undefined => run.steps.find(({ step_id }) => step_id === id);
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
      {run.shadow && <ShadowSentence run={run} entries={entries} />}
      {run.reason !== null && (
        <p>
          <Words>{run.reason}</Words>
        </p>
      )}
      {run.waiting_for.length > 0 && (
        <ul className={styles.waits}>
          {run.waiting_for.slice(0, 10).map((wait, index) => (
            <li key={index}>
              <WaitSentence wait={wait} stepName={stepOf(wait.step_id)?.name} />
              {!isPast && wait.kind === 'dead_letter' && wait.step_id !== null && (
                <StepActs
                  stuck={{
                    workflow_id: run.workflow_id,
                    step_id: wait.step_id,
                    tool: stepOf(wait.step_id)?.tool ?? '',
                    args: stepOf(wait.step_id)?.args ?? {},
                  }}
                />
              )}
            </li>
          ))}
          {run.waiting_for.length > 10 && <li>and {run.waiting_for.length - 10} more</li>}
        </ul>
      )}
      {!isPast && <RunActs run={run} />}
    </div>
  );
}

const NoRun = ({ id, error, again }: { readonly id: number; readonly error: Error; readonly again: () => void }) => (
  <>
    <header>
      <h1>Run {id}</h1>
      <Link to="/runs" search={{}}>
        To all runs
      </Link>
    </header>
    <Problem error={error} again={again} />
  </>
);

const NOTHING: ReadonlySet<number> = new Set();
const NO_ENTRIES: readonly TimelineEvent[] = [];

/** Where a run is, what it did, what it waits for; or was, did, waited for. */
export function RunPage({ id, view }: { readonly id: number; readonly view: RunView }) {
  const { step, at, as } = view;
  const navigate = useNavigate();
  const { data: live, error, refetch } = useQuery(runQuestion(id));
  const { data: known, error: entriesError, refetch: refetchEntries } = useQuery(timelineQuestion(id));
  const past = usePast(id, at);
  const [isForking, setForking] = useState(false);
  const show = (changed: { [Member in keyof RunView]: RunView[Member] | undefined }): Promise<void> =>
    navigate({
      to: '/runs/$id',
      params: { id },
      search: (before: Record<string, unknown>) => runViewOf({ ...before, ...changed }),
      replace: true,
      resetScroll: false,
    });
  const select = (chosen: number): void => void show({ step: chosen });
  const until = past.then?.revision;
  const entries = useMemo(() => (until === undefined ? known : known?.filter((entry) => entry.id <= until)), [known, until]);
  const changed = useMemo(() => (past.changes ? new Set(past.changes.steps.keys()) : NOTHING), [past.changes]);
  const asked = useMemo(
    () =>
      new Set((known ?? NO_ENTRIES).flatMap(({ type, step_id }) => (type === 'approval_required' && step_id !== null ? [step_id] : []))),
    [known],
  );

  if (!live) return error ? <NoRun id={id} error={error} again={() => void refetch()} /> : <Skeleton shape="page" count={2} />;
  const isPast = at !== undefined;
  const isThere = !isPast || past.then !== undefined;
  const run = past.then ? asItWas(live, past.then) : live;
  const selected = run.steps.find(({ step_id }) => step_id === step);
  const moment = past.then && entryAt(known ?? NO_ENTRIES, past.then.revision)?.at;
  const now = moment === undefined ? undefined : Date.parse(moment);
  const views = [
    ['Graph', undefined],
    ['Waterfall', 'waterfall'],
    ['Steps', 'steps'],
  ] as const;
  return (
    <div className={isPast ? time.past : ''}>
      <Then value={now}>
        <Header run={run} isPast={isPast} entries={known ?? NO_ENTRIES} />
      </Then>
      {error && <Problem error={error} again={() => void refetch()} />}
      <AsOf at={at} last={live.revision} entries={known ?? NO_ENTRIES} move={(revision) => show({ at: revision })}>
        {!run.shadow && !isForking && (
          <button type="button" disabled={!isThere || run.steps.length === 0} onClick={() => setForking(true)}>
            Fork from here…
          </button>
        )}
      </AsOf>
      {past.error && <Problem error={past.error} />}
      {isPast && !isThere && !past.error && <Skeleton shape="page" />}
      {isThere && (
        <>
          {past.then && (
            <PastSentence then={past.then} last={live.revision} entries={known ?? NO_ENTRIES} changes={past.changes} select={select} />
          )}
          {isForking && !run.shadow && <ForkForm run={run} revision={run.revision} asked={asked} close={() => setForking(false)} />}
          {run.steps.length === 0 && (
            <p className={styles.soft}>{run.state === 'PLANNING' ? 'It is being planned.' : 'It has no steps.'}</p>
          )}
          {run.steps.length > 0 && (
            <>
              <div className={`${form.row} ${styles.views}`} role="group" aria-label="View">
                {views.map(([word, name]) => (
                  <button key={word} type="button" aria-pressed={as === name} onClick={() => void show({ as: name })}>
                    {word}
                  </button>
                ))}
              </div>
              {as === 'waterfall' && (
                <Waterfall entries={entries ?? NO_ENTRIES} steps={run.steps} now={now} selected={step} changed={changed} select={select} />
              )}
              {as === undefined && (
                <Suspense fallback={<Skeleton shape="page" />}>
                  <RunGraph steps={run.steps} selected={step} changed={changed} select={select} />
                </Suspense>
              )}
            </>
          )}
          {run.shadow && run.fork_of !== null && !isPast && <Comparison of={run.fork_of} shadow={run} select={select} />}
          <div className={styles.columns}>
            {selected ? (
              <StepPanel
                key={selected.step_id}
                run={run}
                step={selected}
                entries={entries?.filter(({ step_id }) => step_id === selected.step_id) ?? []}
                changes={past.changes?.steps.get(selected.step_id)}
                isPast={isPast}
              />
            ) : (
              run.steps.length > 0 && <p className={styles.soft}>Select a step to see its arguments, output and attempts.</p>
            )}
            {as === 'steps' ? (
              <StepList steps={run.steps} selected={step} changed={changed} select={select} />
            ) : (
              <section aria-label="Timeline">
                <h2>Timeline</h2>
                {entriesError && <Problem error={entriesError} again={() => void refetchEntries()} />}
                {!entries && !entriesError && <Skeleton shape="line" count={3} />}
                {entries && <Timeline entries={entries} steps={run.steps} selected={step} marked={past.then?.revision} select={select} />}
              </section>
            )}
          </div>
        </>
      )}
    </div>
  );
}
