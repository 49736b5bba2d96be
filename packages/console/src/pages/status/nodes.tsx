import { queryOptions, useQuery } from '@tanstack/react-query';
import { answerOf, api } from '../../api/client';
import { Problem, Word } from '../../ui/states';
import { Since } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import styles from './status.module.css';

/** No event of a run tells of nodes: the engine is asked this often, while somebody looks. */
const AGAIN_MS = 10_000;

const nodes = queryOptions({
  queryKey: ['nodes'],
  queryFn: async () => (await answerOf(api.GET('/api/nodes'))).items,
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});

/** Who shares the work. */
export function Nodes() {
  const { data, error, refetch } = useQuery(nodes);
  return (
    <section className={styles.section}>
      <h2>Nodes</h2>
      {error && <Problem error={error} again={() => void refetch()} />}
      <ul className={styles.parts}>
        {data?.map(({ worker, version, started_at: startedAt, is_self: isSelf, lease, running, capacity }) => (
          <li key={worker} className={styles.part}>
            <div>
              <h3>
                <Words>{worker}</Words>
              </h3>
              <small>
                version {version}, for <Since at={startedAt} />
                {isSelf && ', answers this page'}
              </small>
            </div>
            {lease === 'held' ? <Word word="At work" look="good" /> : <Word word="Gone" look="bad" />}
            <p>{lease === 'held' ? `Runs ${running} of ${capacity} steps.` : 'What it ran is interrupted, and run again elsewhere.'}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
