import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RunSummary } from '../../api/client';
import { runs, type RunsFilter, type SeenRuns } from '../../api/runs';
import { Empty, Problem, RunStateWord, runStateWord, ShadowWord, Skeleton } from '../../ui/states';
import { durationOf, TimeAgo } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import { VirtualList } from '../../ui/virtual-list';
import { WAIT_WORDS, WaitSentence } from '../../ui/wait-sentence';
import { RUN_STATES, runsFilterOf, WAIT_KINDS } from './runs-filter';
import styles from './runs.module.css';

/** How long typing must have paused before it is searched for, in milliseconds. */
const TYPING_MS = 300;

function Filters({ filter }: { readonly filter: RunsFilter }) {
  const navigate = useNavigate();
  const [text, setText] = useState(filter.q ?? '');
  const change = (changed: Record<string, unknown>): void =>
    void navigate({ to: '/runs', search: runsFilterOf({ ...filter, ...changed }), replace: true });
  useEffect(() => {
    if (text === (filter.q ?? '')) return undefined;
    const timer = setTimeout(() => change({ q: text }), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <form className={styles.filters} role="search" onSubmit={(event) => event.preventDefault()}>
      <input
        type="search"
        aria-label="Search in intents"
        placeholder="Search in intents"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <select aria-label="State" value={filter.state ?? ''} onChange={(event) => change({ state: event.target.value })}>
        <option value="">Any state</option>
        {RUN_STATES.map((state) => (
          <option key={state} value={state}>
            {runStateWord(state)}
          </option>
        ))}
      </select>
      <select aria-label="Waiting for" value={filter.waiting_for ?? ''} onChange={(event) => change({ waiting_for: event.target.value })}>
        <option value="">Waiting or not</option>
        <option value="anything">Waits for anything</option>
        {WAIT_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            Waits for {WAIT_WORDS[kind]}
          </option>
        ))}
      </select>
    </form>
  );
}

function Row({ run }: { readonly run: RunSummary }) {
  const [first, ...others] = run.waiting_for;
  return (
    <>
      <div className={styles.what}>
        <Link to="/runs/$id" params={{ id: run.workflow_id }} className={styles.intent}>
          <Words>{run.intent}</Words>
        </Link>
        <p className={styles.note}>
          {first ? (
            <>
              <WaitSentence wait={first} />
              {others.length > 0 && ` and ${others.length} more`}
            </>
          ) : run.outcome ? (
            Object.entries(run.outcome)
              .filter(([, count]) => count > 0)
              .map(([word, count]) => `${count} ${word}`)
              .join(', ')
          ) : run.reason === null ? (
            `${run.step_count} steps`
          ) : (
            <Words>{run.reason}</Words>
          )}
        </p>
      </div>
      <div className={styles.side}>
        <RunStateWord state={run.state} isWaiting={run.waiting_for.length > 0} />
        {run.shadow && <ShadowWord of={run.fork_of} />}
        <small>
          run {run.workflow_id} · user {run.user_id} · <TimeAgo at={run.created_at} />
          {run.finished_at !== null && `, took ${durationOf(run.created_at, run.finished_at)}`}
        </small>
      </div>
    </>
  );
}

/** What goes on, and how it ended. The filter is in the address. */
export function RunsPage({ filter }: { readonly filter: RunsFilter }) {
  const seen = useRef<SeenRuns>(undefined);
  const pages = useInfiniteQuery({ ...runs(filter, () => seen.current), placeholderData: keepPreviousData });
  const { data, error, refetch } = pages;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
  const look = (from: number, to: number): void => {
    const [newest, oldest] = [items?.[from]?.workflow_id, items?.[to]?.workflow_id];
    seen.current = newest === undefined || oldest === undefined ? undefined : [newest, oldest];
    const isOld = data?.pages.some(
      ({ isOld: is, items: own }) =>
        is === true && own.some(({ workflow_id: id }) => newest !== undefined && oldest !== undefined && id <= newest && id >= oldest),
    );
    if (isOld === true && !pages.isFetching) void refetch();
  };
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <header>
        <h1>Runs</h1>
      </header>
      <Filters filter={filter} />
      {filter.schedule_id !== undefined && (
        <p className={styles.only}>
          Only runs of <Link to="/schedules">schedule {filter.schedule_id}</Link>.{' '}
          <Link to="/runs" search={runsFilterOf({ ...filter, schedule_id: undefined })}>
            Show those of all
          </Link>
        </p>
      )}
      {error && !pages.isFetchNextPageError && <Problem error={error} again={() => void refetch()} />}
      {!items && !error && <Skeleton shape="line" count={5} />}
      {items?.length === 0 &&
        (isFiltered ? (
          <Empty title="No run is like that">
            <Link to="/runs" search={{}}>
              Show all runs
            </Link>
          </Empty>
        ) : (
          <Empty title="Nothing has run yet">
            <p>Every run appears here, with its state and what it waits for.</p>
            <Link to="/new">Ask for something</Link>
          </Empty>
        ))}
      {items && (
        <VirtualList
          name="Runs"
          items={items}
          keyOf={({ workflow_id: id }) => id}
          height={72}
          className={styles.list}
          itemClass={styles.row}
          pages={pages}
          onSeen={look}
        >
          {(run) => <Row run={run} />}
        </VirtualList>
      )}
    </>
  );
}
