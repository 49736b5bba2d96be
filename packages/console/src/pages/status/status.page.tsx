import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, Refusal, type Readiness } from '../../api/client';
import { useConnection } from '../../api/live';
import { pauses as pausesQuestion } from '../../api/questions';
import { Problem, Skeleton, Word } from '../../ui/states';
import { Since, TimeAgo } from '../../ui/time';
import { visible, Words } from '../../ui/visible-text';
import { Nodes } from './nodes';
import styles from './status.module.css';

/** Nothing tells of an engine that is unwell: it is asked this often, while somebody looks. */
const AGAIN_MS = 10_000;

const isReadiness = (value: unknown): value is Readiness => typeof value === 'object' && value !== null && 'checks' in value;

const readiness = queryOptions({
  queryKey: ['readiness'],
  queryFn: async (): Promise<Readiness> => {
    // 503 has the same body: it is an answer.
    const { data, error } = await api.GET('/health/ready').catch(() => ({ data: undefined, error: undefined }));
    const answer: unknown = data ?? error;
    if (!isReadiness(answer)) throw new Refusal('The engine does not answer. Is it running, and are you connected?', 'unreachable', 0);
    return answer;
  },
  refetchInterval: AGAIN_MS,
  staleTime: 0,
  retry: false,
});

const PARTS: Readonly<Record<string, readonly [name: string, what: string]>> = {
  event_store: ['Event store', 'keeps everything that happened'],
  database: ['Database', 'keeps what pages show'],
  read_models: ['Read models', 'make what pages show from what happened'],
  background: ['Background work', 'starts steps, timers and schedules'],
  pauses: ['Kill switch', 'keeps steps from starting'],
};

function Part({ name, check }: { readonly name: string; readonly check: Readiness['checks'][string] }) {
  const [title, what] = PARTS[name] ?? [name.replaceAll('_', ' '), ''];
  // What it stops is told below, with who stopped it and why.
  const isStopping = name === 'pauses' && check.status === 'ok' && check.detail !== undefined;
  const said = isStopping ? undefined : (check.error ?? check.detail);
  return (
    <li className={styles.part}>
      <div>
        <h3>{title}</h3>
        <small>{what}</small>
      </div>
      {isStopping ? (
        <Word word="In use" look="wait" />
      ) : check.status === 'ok' ? (
        <Word word="Works" look="good" />
      ) : (
        <Word word="Does not work" look="bad" />
      )}
      {said !== undefined && (
        <p>
          <Words>{said}</Words>
        </p>
      )}
    </li>
  );
}

const ANCHORS = [
  ['/docs', 'API documentation'],
  ['/docs-json', 'OpenAPI document'],
  ['/metrics', 'Metrics (Prometheus)'],
  ['/health/ready', 'The same for programs'],
] as const;

const CONNECTION = {
  live: <Word word="Live" look="good" />,
  connecting: <Word word="Connecting…" look="wait" />,
  away: <Word word="Not connected" look="bad" />,
};

function Verdict({ asked }: { readonly asked: Readiness }) {
  const failed = Object.values(asked.checks).filter(({ status }) => status === 'failed').length;
  const isWell = asked.status === 'ok';
  return (
    <div className={`${styles.verdict} ${isWell ? styles.good : styles.bad}`} role="status">
      <strong>{isWell ? 'Everything works' : failed === 1 ? 'One part does not work' : `${failed} parts do not work`}</strong>
      {!isWell && <p>What is down is tried again by itself; nothing that was recorded is lost.</p>}
    </div>
  );
}

/** Is the engine well? */
export function StatusPage() {
  const { data, error, refetch, dataUpdatedAt: at } = useQuery(readiness);
  const paused = useQuery(pausesQuestion);
  const connection = useConnection();
  return (
    <>
      <header>
        <h1>Status</h1>
        {data && !error && (
          <small>
            asked <TimeAgo at={new Date(at).toISOString()} />
          </small>
        )}
      </header>
      {error && <Problem error={error} again={() => void refetch()} />}
      {!data && !error && <Skeleton shape="page" />}
      {data && !error && (
        <>
          <Verdict asked={data} />
          <section className={styles.section}>
            <h2>Parts</h2>
            <ul className={styles.parts}>
              {Object.entries(data.checks).map(([name, check]) => (
                <Part key={name} name={name} check={check} />
              ))}
              <li className={styles.part}>
                <div>
                  <h3>This page</h3>
                  <small>is told what happens, as it happens</small>
                </div>
                {CONNECTION[connection]}
              </li>
            </ul>
          </section>
        </>
      )}
      <Nodes />
      <section className={styles.section}>
        <h2>Pauses</h2>
        {paused.error && <Problem error={paused.error} again={() => void paused.refetch()} />}
        {paused.data?.length === 0 && <p>Nothing is paused.</p>}
        {paused.data && paused.data.length > 0 && (
          <ul className={styles.parts}>
            {paused.data.map((pause) => (
              <li key={pause.pause_id} className={styles.part}>
                <div>
                  <h3>{pause.tool === null ? 'Everything' : visible(pause.tool)}</h3>
                  <small>
                    for <Since at={pause.since} />
                    {pause.set_by !== null && `, by user ${pause.set_by}`}
                  </small>
                </div>
                <Word word="Paused" look="wait" />
                {pause.reason !== null && (
                  <p>
                    <Words>{pause.reason}</Words>
                  </p>
                )}
              </li>
            ))}
          </ul>
        )}
        <Link to="/attention">Pause or go on</Link>
      </section>
      <section className={styles.section}>
        <h2>For programs</h2>
        <p className={styles.links}>
          {ANCHORS.map(([href, words]) => (
            <a key={href} href={href}>
              {words}
            </a>
          ))}
        </p>
      </section>
    </>
  );
}
