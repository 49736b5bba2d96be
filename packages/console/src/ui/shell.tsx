import { Link, Outlet, useLocation, useRouterState } from '@tanstack/react-router';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type RefObject } from 'react';
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

const REST = [
  ['/insights', 'insights', 'Insights'],
  ['/schedules', 'schedules', 'Schedules'],
  ['/tools', 'tools', 'Tools'],
  ['/status', 'status', 'Status'],
] as const;

/** The other pages: beside the first ones on a desk, behind a button on a phone. */
function Rest() {
  const { pathname } = useLocation();
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: Event): void => {
      const isElsewhere = event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current?.contains(event.target as Element);
      if (isElsewhere) setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, [isOpen]);
  return (
    <div className={styles.rest} ref={box}>
      <button
        type="button"
        className={styles.more}
        aria-expanded={isOpen}
        data-current={REST.some(([to]) => to === pathname)}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="more" />
        More
      </button>
      <div className={`${styles.others} ${isOpen ? styles.isOpen : ''}`}>
        {REST.map(([to, icon, name]) => (
          <Link key={to} to={to} activeOptions={{ includeSearch: false }} onClick={() => setOpen(false)}>
            <Icon name={icon} />
            {name}
          </Link>
        ))}
      </div>
    </div>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  '': 'Inbox',
  approvals: 'Approval',
  attention: 'Attention',
  insights: 'Insights',
  new: 'New',
  runs: 'Runs',
  schedules: 'Schedules',
  status: 'Status',
  tools: 'Tools',
};

const titleOf = (pathname: string): string => {
  const [, place = '', id] = pathname.split('/');
  const name = TITLES[place] ?? 'No such page';
  return id === undefined ? name : `${place === 'runs' ? 'Run' : name} ${id}`;
};

/** What a browser does when another page is loaded: another title, and the focus at its begin where the element that had it is gone. */
function useArrival(main: RefObject<HTMLElement | null>): void {
  // Where what is shown belongs: the location changes before the page does.
  const pathname = useRouterState({ select: ({ resolvedLocation, location }) => (resolvedLocation ?? location).pathname });
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${titleOf(pathname)} · Life OS`;
    if (!isFirst.current && document.activeElement === document.body) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [pathname, main]);
}

/** Navigation, and the page. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  useArrival(main);
  const connection = useConnection();
  const open = useQuery(openApprovals).data?.filter(({ status }) => status === 'required').length;
  const stuck = useInfiniteQuery(deadLetters).data?.pages.reduce((sum, { items }) => sum + items.length, 0);
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
          <Rest />
        </nav>
        <Foot />
      </div>
      <div>
        {connection === 'away' && (
          <p className={styles.banner} role="status">
            Not connected: what you see may be old. Trying again by itself.
          </p>
        )}
        <main id="main" ref={main} tabIndex={-1} className={styles.main}>
          <Outlet />
        </main>
        <div className={styles.below}>
          <Foot />
        </div>
      </div>
    </div>
  );
}
