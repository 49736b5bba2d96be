import { Link } from '@tanstack/react-router';
import type { Alert, AlertKind, AlertList } from '../../api/client';
import { Since, TimeAgo } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import styles from './attention.module.css';

/** Where to look for what an alert is about. */
function WhereToLook({ kind }: { readonly kind: AlertKind }) {
  switch (kind) {
    case 'failure_rate':
      return <Link to="/insights">What fails</Link>;
    case 'stuck_run':
      return (
        <Link to="/runs" search={{ state: 'RUNNING' }}>
          Runs that go on
        </Link>
      );
    case 'approval_backlog':
      return <Link to="/">What waits for a decision</Link>;
    case 'read_models_behind':
      return <Link to="/status">How the engine is</Link>;
    default:
      return kind satisfies never;
  }
}

const Active = ({ alert }: { readonly alert: Alert }) => (
  <li className={styles.item}>
    <h3>
      <Words>{alert.name}</Words>
    </h3>
    <p className={styles.error}>
      <Words>{alert.detail}</Words>
    </p>
    <small>
      for <Since at={alert.began_at} /> · <WhereToLook kind={alert.kind} />
    </small>
  </li>
);

const Ended = ({ alert }: { readonly alert: Alert }) => (
  <li>
    <Words>{alert.name}</Words>: <Words>{alert.detail}</Words>{' '}
    <small>
      began <TimeAgo at={alert.began_at} />, over <TimeAgo at={alert.ended_at!} />
    </small>
  </li>
);

/** What the configured rules have found. */
export function Alerts({ alerts: { active, ended } }: { readonly alerts: AlertList }) {
  if (active.length + ended.length === 0) return null;
  return (
    <section className={styles.section}>
      <h2>Alerts</h2>
      <ul>
        {active.map((alert) => (
          <Active key={alert.name} alert={alert} />
        ))}
      </ul>
      {ended.length > 0 && (
        <details>
          <summary>{ended.length === 1 ? 'One that is over' : `The last ${ended.length} that are over`}</summary>
          <ul>
            {ended.map((alert) => (
              <Ended key={`${alert.name} ${alert.began_at}`} alert={alert} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
