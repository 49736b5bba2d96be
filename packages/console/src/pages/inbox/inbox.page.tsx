import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Approval } from '../../api/client';
import { approval, openApprovals } from '../../api/questions';
import { Empty, Problem, Skeleton } from '../../ui/states';
import { WhoAreYou } from '../../ui/user';
import { ApprovalCard } from './approval-card';
import styles from './inbox.module.css';

const WHY = 'Decisions are recorded under it.';

/** What waits for a person, the riskiest first. */
export function InboxPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(openApprovals);
  useEffect(
    () => () => {
      // What was decided stays in its place until one leaves.
      client.setQueryData<readonly Approval[]>(openApprovals.queryKey, (known) => known?.filter(({ status }) => status === 'required'));
    },
    [client],
  );
  const open = data?.filter(({ status }) => status === 'required').length;
  return (
    <>
      <header>
        <h1>Inbox</h1>
        {open !== undefined && open > 0 && <small>{open === 1 ? '1 approval waits' : `${open} approvals wait`}, the riskiest first</small>}
      </header>
      <WhoAreYou why={WHY} />
      <div className={styles.cards}>
        {error && <Problem error={error} again={() => void refetch()} />}
        {!data && !error && <Skeleton shape="card" count={2} />}
        {data?.map((one) => (
          <ApprovalCard key={one.approval_id} approval={one} />
        ))}
        {data?.length === 0 && (
          <Empty title="Nothing waits for you">
            <p>Steps that are too risky to run by themselves appear here, with everything needed to decide.</p>
            <Link to="/new">Ask for something</Link>
          </Empty>
        )}
      </div>
    </>
  );
}

/** One request, by its address. Opening it decides nothing. */
export function ApprovalPage({ id }: { readonly id: number }) {
  const { data, error, refetch } = useQuery(approval(id));
  return (
    <>
      <header>
        <Link to="/">← Inbox</Link>
      </header>
      <WhoAreYou why={WHY} />
      <div className={styles.cards}>
        {error && <Problem error={error} again={() => void refetch()} />}
        {!data && !error && <Skeleton shape="card" />}
        {data && <ApprovalCard approval={data} isAlone />}
      </div>
    </>
  );
}
