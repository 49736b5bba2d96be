import { Link, Outlet } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useConnection } from '../api/live';
import { deadLetters, openApprovals } from '../api/questions';
import { Icon } from './icons';
import styles from './shell.module.css';
import { setUser, useUser } from './user';

const Count = ({ of, what }: { readonly of: number | undefined; readonly what: string }) =>
  of === undefined || of === 0 ? null : (
    <span className={styles.count}>
      {of > 99 ? '99+' : of}
      <span hidden> {what}</span>
    </span>
  );

/** Whether what is shown is live, and who sits here. */
function Foot() {
  const connection = useConnection();
  const user = useUser();
  return (
    <div className={styles.foot}>
      <span className={connection === 'live' ? undefined : styles.away}>
        {connection === 'live' ? 'Live' : connection === 'connecting' ? 'Connecting…' : 'Not connected'}
      </span>
      {user !== null && (
        <span>
          User {user}{' '}
          <button type="button" onClick={() => setUser(null)}>
            Change
          </button>
        </span>
      )}
      <a href="/docs">API</a>
    </div>
  );
}

/** Navigation, and the page. */
export function Shell() {
  const connection = useConnection();
  const open = useQuery(openApprovals).data?.filter(({ status }) => status === 'required').length;
  const stuck = useQuery(deadLetters).data?.items.length;
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        To the content
      </a>
      <div className={styles.side}>
        <span className={styles.brand}>Life OS</span>
        <nav className={styles.tabs} aria-label="Pages">
          <Link to="/" activeOptions={{ exact: true }}>
            <Icon name="inbox" />
            Inbox
            <Count of={open} what="waiting" />
          </Link>
          <Link to="/attention">
            <Icon name="attention" />
            Attention
            <Count of={stuck} what="stuck" />
          </Link>
          <Link to="/runs" search={{}} activeOptions={{ includeSearch: false }}>
            <Icon name="runs" />
            Runs
          </Link>
          <Link to="/new">
            <Icon name="new" />
            New
          </Link>
        </nav>
        <Foot />
      </div>
      <div>
        {connection === 'away' && (
          <p className={styles.banner} role="status">
            Not connected: what you see may be old. Trying again by itself.
          </p>
        )}
        <main id="main" className={styles.main}>
          <Outlet />
        </main>
        <div className={styles.below}>
          <Foot />
        </div>
      </div>
    </div>
  );
}
