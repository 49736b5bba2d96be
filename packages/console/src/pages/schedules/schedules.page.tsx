import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { doneBy, newKey, useAct } from '../../api/acts';
import { answerOf, api, type Schedule } from '../../api/client';
import { keys, minPosition } from '../../api/live';
import { TIME_ZONE } from '../../api/period';
import form from '../../ui/form.module.css';
import { PressTwice } from '../../ui/press-twice';
import { Empty, Problem, Skeleton, Word, type Look } from '../../ui/states';
import { ClockTime, TimeAgo } from '../../ui/time';
import { useUser, WhoAreYou } from '../../ui/user';
import { VirtualList } from '../../ui/virtual-list';
import { Words } from '../../ui/visible-text';
import { cronWords } from './cron-words';
import { NewScheduleForm } from './new-schedule';
import styles from './schedules.module.css';

const schedules = infiniteQueryOptions({
  queryKey: keys.schedules,
  queryFn: ({ pageParam }) =>
    answerOf(api.GET('/api/schedules', { params: { query: { ...minPosition(), limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
  initialPageParam: '',
  getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
});

const STATES: Readonly<Record<Schedule['state'], readonly [string, Look]>> = {
  active: ['Active', 'good'],
  paused: ['Paused', 'wait'],
  deleted: ['Deleted', 'idle'],
};

function Next({ schedule: { next_at: at, time_zone: zone, state } }: { readonly schedule: Schedule }) {
  if (at === null) return <>{state === 'active' ? 'Never again: it is over' : 'Not while it is paused'}</>;
  return (
    <>
      <ClockTime at={at} /> <small>your time, {<TimeAgo at={at} />}</small>
      {zone !== TIME_ZONE && (
        <small>
          <ClockTime at={at} zone={zone} /> in {zone}
        </small>
      )}
    </>
  );
}

function Acts({ schedule }: { readonly schedule: Schedule }) {
  const user = useUser();
  const request = { params: { path: { id: schedule.schedule_id } }, body: doneBy(user) };
  const change = useAct<'pause' | 'resume' | 'delete'>((what) => {
    if (what === 'pause') return answerOf(api.POST('/api/schedules/{id}/pause', request));
    if (what === 'resume') return answerOf(api.POST('/api/schedules/{id}/resume', request));
    return answerOf(api.DELETE('/api/schedules/{id}', request));
  });
  const [key, setKey] = useState(newKey);
  const trigger = useAct(async () => {
    const { path } = request.params;
    const answer = await answerOf(
      api.POST('/api/schedules/{id}/trigger', {
        params: { path, header: { 'Idempotency-Key': key } },
        body: user === null ? {} : { user_id: user },
      }),
    );
    setKey(newKey());
    return answer;
  });
  const isOff = change.isPending || trigger.isPending;
  return (
    <>
      <div className={form.row}>
        <button type="button" disabled={isOff} onClick={() => trigger.mutate()}>
          Run it now
        </button>
        {schedule.state === 'active' ? (
          <button type="button" disabled={isOff} onClick={() => change.mutate('pause')}>
            Pause
          </button>
        ) : (
          <button type="button" className={form.primary} disabled={isOff} onClick={() => change.mutate('resume')}>
            Go on
          </button>
        )}
        <PressTwice words="Delete…" sure="Yes, delete it" isOff={isOff} act={() => change.mutate('delete')} />
        {trigger.data && (
          <span role="status">
            Submitted:{' '}
            <Link to="/runs/$id" params={{ id: trigger.data.workflow_id }}>
              run {trigger.data.workflow_id}
            </Link>
          </span>
        )}
      </div>
      {(change.error ?? trigger.error) && <Problem error={change.error ?? trigger.error} />}
    </>
  );
}

function Item({ schedule }: { readonly schedule: Schedule }) {
  const { schedule_id: id, last_workflow_id: last, last_scheduled_for: lastFor, skipped } = schedule;
  const [word, look] = STATES[schedule.state];
  const isOver = schedule.state === 'active' && schedule.next_at === null;
  return (
    <article className={styles.item} aria-label={`Schedule ${id}`}>
      <div className={styles.head}>
        <h2>
          <Words>{schedule.intent}</Words>
        </h2>
        <Word word={isOver ? 'Over' : word} look={isOver ? 'idle' : look} />
      </div>
      <p>
        {cronWords(schedule.cron) ?? 'At'} <code>{schedule.cron}</code> <small>by the clocks of {schedule.time_zone}</small>
      </p>
      <dl className={styles.facts}>
        <div>
          <dt>Next</dt>
          <dd>
            <Next schedule={schedule} />
          </dd>
        </div>
        <div>
          <dt>Last run</dt>
          <dd>
            {last === null ? (
              'None yet'
            ) : (
              <>
                <Link to="/runs/$id" params={{ id: last }}>
                  run {last}
                </Link>
                {lastFor !== null && (
                  <small>
                    last due <ClockTime at={lastFor} />
                  </small>
                )}
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Skipped</dt>
          <dd>
            {skipped === 0 ? 'None' : `${skipped} ${skipped === 1 ? 'time' : 'times'}`}
            <small>
              {schedule.overlap === 'skip' ? 'not while its last run is unfinished' : 'also while its last run is unfinished'};{' '}
              {schedule.catch_up === 'last' ? 'catches up on the last one' : 'does not catch up'}
            </small>
          </dd>
        </div>
      </dl>
      <Acts schedule={schedule} />
      <small>
        schedule {id} · user {schedule.user_id} · since <ClockTime at={schedule.created_at} /> ·{' '}
        <Link to="/runs" search={{ schedule_id: id }}>
          All its runs
        </Link>
      </small>
    </article>
  );
}

/** What is asked for again and again, and when it comes next. */
export function SchedulesPage() {
  const pages = useInfiniteQuery(schedules);
  const { data, error, refetch, hasNextPage } = pages;
  const [isNew, setNew] = useState(false);
  const items = data?.pages.flatMap((page) => page.items).filter(({ state }) => state !== 'deleted');
  return (
    <>
      <header>
        <h1>Schedules</h1>
        <small>Times are those of {TIME_ZONE}, unless they name another place.</small>
      </header>
      <WhoAreYou why="What you schedule will be yours." />
      <details className={styles.new} open={isNew} onToggle={({ currentTarget }) => setNew(currentTarget.open)}>
        <summary>New schedule</summary>
        {isNew && <NewScheduleForm created={() => setNew(false)} />}
      </details>
      {error && !pages.isFetchNextPageError && <Problem error={error} again={() => void refetch()} />}
      <div className={styles.list}>
        {!items && !error && <Skeleton shape="card" count={2} />}
        {items?.length === 0 && !hasNextPage && (
          <Empty title="Nothing is scheduled">
            <p>What is to be done again and again appears here, with when it comes next.</p>
            <button type="button" onClick={() => setNew(true)}>
              Make a schedule
            </button>
          </Empty>
        )}
        {items && (
          <VirtualList name="Schedules" items={items} keyOf={({ schedule_id: id }) => id} height={300} gap={16} pages={pages}>
            {(schedule) => <Item schedule={schedule} />}
          </VirtualList>
        )}
      </div>
    </>
  );
}
