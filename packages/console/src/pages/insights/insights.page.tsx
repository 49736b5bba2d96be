import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import type { ApprovalFigures, CodeCount, RunFigures, RunFiguresOfBucket, ToolFigures } from '../../api/client';
import { approvalFigures, runFigures, toolFigures } from '../../api/figures';
import { bucketName, dayOf, isDay, isPreset, periodOf, PRESETS, queryOf, TIME_ZONE, type Bucket, type Period } from '../../api/period';
import { lengthOrNone, numberOf, rateOf } from '../../ui/figures';
import { Empty, Problem, Risk, Skeleton } from '../../ui/states';
import { Table, type Column } from '../../ui/table';
import { visible } from '../../ui/visible-text';
import styles from './insights.module.css';

const RunsChart = lazy(async () => ({ default: (await import('./charts')).RunsChart }));
const RateChart = lazy(async () => ({ default: (await import('./charts')).RateChart }));
const LengthChart = lazy(async () => ({ default: (await import('./charts')).LengthChart }));

const route = getRouteApi('/insights');

/** How long typing must have paused before figures are asked for, in milliseconds. */
const TYPING_MS = 400;

function PeriodForm({ period }: { readonly period: Period }) {
  const navigate = useNavigate();
  const [user, setUser] = useState(period.user_id === undefined ? '' : String(period.user_id));
  const change = (changed: Record<string, unknown>): void =>
    void navigate({ to: '/insights', search: periodOf({ ...period, ...changed }), replace: true });
  const preset = period.from ?? '7d';
  const query = queryOf(period);
  useEffect(() => {
    if (user === String(period.user_id ?? '')) return undefined;
    const timer = setTimeout(() => change({ user_id: user }), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <form className={styles.period} aria-label="Period" onSubmit={(event) => event.preventDefault()}>
      <nav className={styles.presets} aria-label="Periods">
        {Object.entries(PRESETS).map(([from, words]) => (
          <Link
            key={from}
            to="/insights"
            search={periodOf({ user_id: period.user_id, from })}
            aria-current={preset === from || undefined}
            activeProps={{ 'aria-current': preset === from || undefined }}
            replace
          >
            {words}
          </Link>
        ))}
      </nav>
      <label>
        From
        <input
          type="date"
          value={dayOf(query.from)}
          max={dayOf(query.to)}
          onChange={({ target }) =>
            target.value !== '' &&
            change({ from: target.value, to: isPreset(period.from) ? dayOf(query.to) : (period.to ?? dayOf(query.to)), bucket: undefined })
          }
        />
      </label>
      <label>
        To, this day included
        <input
          type="date"
          value={isDay(period.to) && !isPreset(period.from) ? period.to : dayOf(query.to)}
          min={dayOf(query.from)}
          onChange={({ target }) => target.value !== '' && change({ from: dayOf(query.from), to: target.value, bucket: undefined })}
        />
      </label>
      <label>
        By
        <select value={query.bucket} onChange={({ target }) => change({ bucket: target.value })}>
          <option value="hour">hour</option>
          <option value="day">day</option>
          <option value="week">week</option>
        </select>
      </label>
      <label className={styles.user}>
        Runs of user
        <input inputMode="numeric" placeholder="anybody" value={user} onChange={({ target }) => setUser(target.value.replace(/\D/g, ''))} />
      </label>
    </form>
  );
}

const Tile = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const RunTiles = ({ runs }: { readonly runs: RunFigures }) => (
  <dl className={styles.tiles}>
    <Tile name="Runs that ended">{numberOf(runs.ended)}</Tile>
    <Tile name="Success rate">{rateOf(runs.success_rate)}</Tile>
    <Tile name="Failed">{numberOf(runs.failed)}</Tile>
    <Tile name="Half took at most (p50)">{lengthOrNone(runs.p50_ms)}</Tile>
    <Tile name="95 % took at most (p95)">{lengthOrNone(runs.p95_ms)}</Tile>
  </dl>
);

interface ChartGiven {
  readonly name: string;
  readonly buckets: readonly RunFiguresOfBucket[];
  readonly bucket: Bucket;
  readonly columns: readonly Column<RunFiguresOfBucket>[];
  readonly csv: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

/** A drawing, and the same as a table. */
function Chart({ name, buckets, bucket, columns, csv, isWide = false, children }: ChartGiven) {
  const first: Column<RunFiguresOfBucket> = { name: bucket, of: ({ start }) => bucketName(start, bucket) };
  return (
    <figure className={`${styles.chart} ${isWide ? styles.wide : ''}`} aria-label={name}>
      <h3>{name}</h3>
      <Suspense fallback={<div className={styles.room} role="status" aria-label="Loading" />}>{children}</Suspense>
      <details>
        <summary>{name}, as a table</summary>
        <Table
          name={`${name} by ${bucket}`}
          columns={[first, ...columns]}
          rows={buckets.filter(({ ended }) => ended > 0)}
          keyOf={({ start }) => start}
          csv={csv}
        />
        <small>A {bucket} in which no run ended is left out here.</small>
      </details>
    </figure>
  );
}

const number = { isNumber: true } as const;

const OUTCOMES: readonly Column<RunFiguresOfBucket>[] = [
  { name: 'succeeded', of: ({ succeeded }) => numberOf(succeeded), ...number },
  { name: 'failed', of: ({ failed }) => numberOf(failed), ...number },
  { name: 'cancelled', of: ({ cancelled }) => numberOf(cancelled), ...number },
  { name: 'ended', of: ({ ended }) => numberOf(ended), ...number },
];
const RATE: readonly Column<RunFiguresOfBucket>[] = [{ name: 'success rate', of: ({ success_rate }) => rateOf(success_rate), ...number }];
const LENGTHS: readonly Column<RunFiguresOfBucket>[] = [
  { name: 'p50', of: ({ p50_ms }) => lengthOrNone(p50_ms), ...number },
  { name: 'p95', of: ({ p95_ms }) => lengthOrNone(p95_ms), ...number },
];

const Codes = ({ codes }: { readonly codes: readonly CodeCount[] }) => (
  <ul className={styles.codes}>
    {codes.map(({ code, count }) => (
      <li key={code}>
        {count} × <code>{visible(code)}</code>
      </li>
    ))}
  </ul>
);

const TOOLS: readonly Column<ToolFigures>[] = [
  {
    name: 'Tool',
    of: ({ tool, tool_version }) => (
      <>
        {visible(tool)} <small>{tool_version ?? 'unknown version'}</small>
      </>
    ),
  },
  { name: 'Attempts', of: ({ attempts }) => numberOf(attempts), ...number },
  { name: 'Success rate', of: ({ success_rate }) => rateOf(success_rate), ...number },
  { name: 'p50', of: ({ p50_ms }) => lengthOrNone(p50_ms), ...number },
  { name: 'p95', of: ({ p95_ms }) => lengthOrNone(p95_ms), ...number },
  { name: 'Attempts per success', of: ({ attempts_per_success }) => numberOf(attempts_per_success), ...number },
  {
    name: 'Failures',
    of: ({ failures_by_code: codes }) => (codes.length === 0 ? 'none' : <Codes codes={codes} />),
  },
];

const APPROVALS: readonly Column<ApprovalFigures>[] = [
  {
    name: 'Tool',
    of: ({ tool, risk_level }) => (
      <>
        {visible(tool)} <Risk level={risk_level} note="" />
      </>
    ),
  },
  { name: 'Requested', of: ({ requested }) => numberOf(requested), ...number },
  { name: 'Approved', of: ({ approved }) => numberOf(approved), ...number },
  { name: 'Rejected', of: ({ rejected }) => numberOf(rejected), ...number },
  { name: 'Run stopped before', of: (row) => numberOf(row.void), ...number },
  { name: 'Open', of: ({ open }) => numberOf(open), ...number },
  { name: 'Waited p50', of: ({ p50_ms }) => lengthOrNone(p50_ms), ...number },
  { name: 'Waited p95', of: ({ p95_ms }) => lengthOrNone(p95_ms), ...number },
];

interface Person {
  readonly decided_by: number;
  readonly approved: number;
  readonly rejected: number;
}

const PEOPLE: readonly Column<Person>[] = [
  { name: 'Who', of: ({ decided_by }) => `User ${decided_by}` },
  { name: 'Approved', of: ({ approved }) => numberOf(approved), ...number },
  { name: 'Rejected', of: ({ rejected }) => numberOf(rejected), ...number },
];

function peopleOf(rows: readonly ApprovalFigures[]): readonly Person[] {
  const people = new Map<number, Person>();
  for (const { decided_by, approved, rejected } of rows.flatMap(({ by_decider }) => by_decider)) {
    const known = people.get(decided_by) ?? { decided_by, approved: 0, rejected: 0 };
    people.set(decided_by, { decided_by, approved: known.approved + approved, rejected: known.rejected + rejected });
  }
  return [...people.values()].sort((one, other) => other.approved + other.rejected - one.approved - one.rejected);
}

const CODES: readonly Column<CodeCount>[] = [
  { name: 'Code', of: ({ code }) => <code>{visible(code)}</code> },
  { name: 'How often', of: ({ count }) => numberOf(count), ...number },
];

interface PartGiven<T> {
  readonly title: string;
  readonly asked: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}

/** A part of the page that comes, or does not, by itself. */
const Part = <T,>({ title, asked: { data, error, refetch }, children }: PartGiven<T>) => (
  <section className={styles.section}>
    <h2>{title}</h2>
    {error && <Problem error={error} again={() => void refetch()} />}
    {data === undefined && !error && <Skeleton shape="page" />}
    {data !== undefined && children(data)}
  </section>
);

function csvOf(
  what: 'summary' | 'tools' | 'approvals',
  { from, to }: { readonly from: string; readonly to: string },
  period: Period,
): string {
  const { bucket, user_id: user } = queryOf(period);
  const query = new URLSearchParams({ format: 'csv', from, to, time_zone: TIME_ZONE });
  if (what === 'summary') query.set('bucket', bucket);
  if (user !== undefined) query.set('user_id', String(user));
  return `/api/analytics/${what}?${query.toString()}`;
}

/** Is it working well? What is slow, what fails, who waits? The period is in the address. */
export function InsightsPage() {
  const period = route.useSearch();
  const runs = useQuery(runFigures(period));
  const tools = useQuery(toolFigures(period));
  const approvals = useQuery(approvalFigures(period));
  return (
    <>
      <header>
        <h1>Insights</h1>
        <small>Days and hours are those of {TIME_ZONE}.</small>
      </header>
      <PeriodForm period={period} />
      <Part title="Runs" asked={runs}>
        {(data) => {
          const csv = csvOf('summary', data, period);
          const given = { buckets: data.buckets, bucket: data.bucket, csv };
          return data.runs.ended === 0 ? (
            <Empty title="No run ended in this period">
              <p>How runs ended and how long they took appears here. Choose a longer period, or ask for something.</p>
              <Link to="/new">Ask for something</Link>
            </Empty>
          ) : (
            <>
              <RunTiles runs={data.runs} />
              <div className={styles.charts}>
                <Chart {...given} name="Runs by outcome" columns={OUTCOMES} isWide>
                  <RunsChart {...given} />
                </Chart>
                <Chart {...given} name="Success rate" columns={RATE}>
                  <RateChart {...given} />
                </Chart>
                <Chart {...given} name="How long runs took" columns={LENGTHS}>
                  <LengthChart {...given} />
                </Chart>
              </div>
              {data.failed_runs_by_code.length + data.failed_attempts_by_code.length > 0 && (
                <div className={styles.pair}>
                  {data.failed_runs_by_code.length > 0 && (
                    <Table name="Why runs failed" columns={CODES} rows={data.failed_runs_by_code} keyOf={({ code }) => code} csv={csv} />
                  )}
                  {data.failed_attempts_by_code.length > 0 && (
                    <Table
                      name="Why attempts failed"
                      columns={CODES}
                      rows={data.failed_attempts_by_code}
                      keyOf={({ code }) => code}
                      csv={csv}
                    />
                  )}
                </div>
              )}
            </>
          );
        }}
      </Part>
      <Part title="Tools" asked={tools}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title="No step was attempted in this period">
              <p>How often each tool was called, how often it failed and how long it took appears here.</p>
            </Empty>
          ) : (
            <Table
              name="Attempts by tool"
              columns={TOOLS}
              rows={data.items}
              keyOf={({ tool, tool_version }) => `${tool} ${tool_version ?? ''}`}
              csv={csvOf('tools', data, period)}
            />
          )
        }
      </Part>
      <Part title="Approvals" asked={approvals}>
        {(data) => {
          const people = peopleOf(data.items);
          const csv = csvOf('approvals', data, period);
          return data.items.length === 0 ? (
            <Empty title="Nobody was asked in this period">
              <p>What was asked for, what was decided and how long it had waited appears here.</p>
            </Empty>
          ) : (
            <>
              <Table
                name="Requests by tool"
                columns={APPROVALS}
                rows={data.items}
                keyOf={({ tool, risk_level }) => `${tool} ${risk_level}`}
                csv={csv}
              />
              {people.length > 0 && (
                <Table name="Decisions by person" columns={PEOPLE} rows={people} keyOf={({ decided_by }) => String(decided_by)} csv={csv} />
              )}
            </>
          );
        }}
      </Part>
    </>
  );
}
