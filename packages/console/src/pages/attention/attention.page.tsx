import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { alerts, deadLetters, parked, pauses } from '../../api/questions';
import type { DeadLetter, ParkedEvent } from '../../api/client';
import { doneBy, useAct } from '../../api/acts';
import { answerOf, api } from '../../api/client';
import { Arguments } from '../../ui/arguments';
import form from '../../ui/form.module.css';
import { Empty, Problem, Skeleton } from '../../ui/states';
import { StepActs } from '../../ui/step-acts';
import { Since, TimeAgo } from '../../ui/time';
import { useUser, WhoAreYou } from '../../ui/user';
import { VirtualList } from '../../ui/virtual-list';
import { Words } from '../../ui/visible-text';
import styles from './attention.module.css';
import { Alerts } from './alerts';
import { Pauses } from './pauses';

function Letter({ letter }: { readonly letter: DeadLetter }) {
  return (
    <div className={styles.item}>
      <h3>
        <Link to="/runs/$id" params={{ id: letter.workflow_id }} search={{ step: letter.step_id }}>
          <Words>{letter.step_name}</Words>
        </Link>
      </h3>
      <p className={styles.error}>
        <Words>{letter.error.message}</Words>
      </p>
      <small>
        <code>{letter.tool}</code> · <code>{letter.error.code}</code> · {letter.attempts} {letter.attempts === 1 ? 'attempt' : 'attempts'} ·
        stuck for <Since at={letter.dead_lettered_at} /> · user {letter.user_id}: <Words>{letter.intent}</Words>
      </small>
      {letter.error.effect !== 'none' && (
        <p>
          {letter.error.effect === 'happened'
            ? 'Its effect has happened all the same: trying again may repeat it.'
            : 'Nobody knows whether it had its effect: look before you try again.'}
        </p>
      )}
      <Arguments args={letter.args} />
      <StepActs stuck={letter} />
    </div>
  );
}

function Parked({ event }: { readonly event: ParkedEvent }) {
  const user = useUser();
  const act = useAct<'replay' | 'drop'>((what) => {
    const request = { params: { path: { id: event.parked_id } }, body: doneBy(user) };
    return answerOf(what === 'replay' ? api.POST('/api/parked/{id}/replay', request) : api.POST('/api/parked/{id}/drop', request));
  });
  return (
    <li className={styles.item}>
      <h3>
        {event.handler} cannot deal with {event.event_type} of{' '}
        <Link to="/runs/$id" params={{ id: event.workflow_id }}>
          run {event.workflow_id}
        </Link>
      </h3>
      <p className={styles.error}>
        <Words>{event.reason}</Words>
      </p>
      <small>
        {event.tries} tries · <TimeAgo at={event.parked_at} />
      </small>
      <div className={form.row}>
        <button type="button" className={form.primary} disabled={act.isPending} onClick={() => act.mutate('replay')}>
          Deal with it now
        </button>
        <button type="button" disabled={act.isPending} onClick={() => act.mutate('drop')}>
          Drop it
        </button>
      </div>
      {act.error && <Problem error={act.error} />}
    </li>
  );
}

/** What is stuck, since when, and what can be done about it. */
export function AttentionPage() {
  const letters = useInfiniteQuery(deadLetters);
  const stuck = letters.data?.pages.flatMap(({ items }) => items);
  const events = useQuery(parked);
  const paused = useQuery(pauses);
  const watched = useQuery(alerts);
  const failed = [...(letters.isFetchNextPageError ? [] : [letters]), events, paused, watched].find(({ error }) => error !== null);
  const isLoading = !stuck || !events.data || !paused.data || !watched.data;
  const isCalm = !isLoading && stuck.length + events.data.items.length + paused.data.length + watched.data.active.length === 0;
  return (
    <>
      <header>
        <h1>Attention</h1>
      </header>
      <WhoAreYou why="What you do here is recorded under it." />
      {failed && <Problem error={failed.error} again={() => void failed.refetch()} />}
      {isLoading && !failed && <Skeleton shape="card" count={2} />}
      {isCalm && (
        <Empty title="Nothing is stuck">
          <p>Alerts, steps that failed for good, events that could not be dealt with, and pauses appear here, with what can be done.</p>
        </Empty>
      )}
      {watched.data && <Alerts alerts={watched.data} />}
      {stuck && stuck.length > 0 && (
        <section className={styles.section}>
          <h2>Steps that failed for good</h2>
          <VirtualList
            name="Steps that failed for good"
            items={stuck}
            keyOf={({ workflow_id: run, step_id: step }) => `${run} ${step}`}
            height={260}
            gap={16}
            pages={letters}
          >
            {(letter) => <Letter letter={letter} />}
          </VirtualList>
        </section>
      )}
      {events.data && events.data.items.length > 0 && (
        <section className={styles.section}>
          <h2>Parked events</h2>
          <ul>
            {events.data.items.map((event) => (
              <Parked key={event.parked_id} event={event} />
            ))}
          </ul>
        </section>
      )}
      {paused.data && <Pauses pauses={paused.data} />}
    </>
  );
}
