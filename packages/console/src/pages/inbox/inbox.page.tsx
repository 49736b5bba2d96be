import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Approval } from '../../api/client';
import { approval, openApprovals } from '../../api/questions';
import { Empty, Problem, Skeleton } from '../../ui/states';
import { WhoAreYou } from '../../ui/user';
import { VirtualList } from '../../ui/virtual-list';
import { ApprovalCard } from './approval-card';
import { ChosenBar } from './chosen-bar';
import { useDecisions } from './decisions';
import { KeysHelp, useInboxKeys } from './inbox-keys';
import styles from './inbox.module.css';

const WHY = 'Decisions are recorded under it.';

/** What waits for a person, the riskiest first. */
export function InboxPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(openApprovals);
  const decisions = useDecisions();
  const cards = useRef<HTMLDivElement>(null);
  const { isHelpOpen, toggleHelp } = useInboxKeys(cards);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  useEffect(
    () => () => {
      // What was decided stays in its place until one leaves.
      client.setQueryData<readonly Approval[]>(openApprovals.queryKey, (known) => known?.filter(({ status }) => status === 'required'));
    },
    [client],
  );
  const open = data?.filter(({ status }) => status === 'required') ?? [];
  const choose = (id: number, isChosen: boolean): void =>
    setChosen((known) => new Set(isChosen ? [...known, id] : [...known].filter((one) => one !== id)));
  return (
    <>
      <header>
        <h1>Inbox</h1>
        {open.length > 0 && <small>{open.length === 1 ? '1 approval waits' : `${open.length} approvals wait`}, the riskiest first</small>}
        <button type="button" className={styles.help} aria-expanded={isHelpOpen} onClick={toggleHelp}>
          Keys <kbd>?</kbd>
        </button>
      </header>
      {isHelpOpen && <KeysHelp />}
      <WhoAreYou why={WHY} />
      <div className={styles.cards} ref={cards}>
        {error && <Problem error={error} again={() => void refetch()} />}
        {!data && !error && <Skeleton shape="card" count={2} />}
        {data && (
          <VirtualList as="feed" name="Waiting approvals" items={data} keyOf={({ approval_id: id }) => id} height={320} gap={16}>
            {(one, place) => (
              <ApprovalCard
                approval={one}
                place={place}
                decisions={decisions}
                choice={{ isChosen: chosen.has(one.approval_id), choose: (isChosen) => choose(one.approval_id, isChosen) }}
              />
            )}
          </VirtualList>
        )}
        {data?.length === 0 && (
          <Empty title="Nothing waits for you">
            <p>Steps that are too risky to run by themselves appear here, with everything needed to decide.</p>
            <Link to="/new">Ask for something</Link>
          </Empty>
        )}
      </div>
      <ChosenBar
        chosen={open.filter(({ approval_id: id }) => chosen.has(id) && !decisions.isPending(id))}
        decisions={decisions}
        clear={() => setChosen(new Set())}
      />
    </>
  );
}

/** One request, by its address. Opening it decides nothing. */
export function ApprovalPage({ id }: { readonly id: number }) {
  const { data, error, refetch } = useQuery(approval(id));
  const decisions = useDecisions();
  const cards = useRef<HTMLDivElement>(null);
  const { isHelpOpen } = useInboxKeys(cards);
  return (
    <>
      <header>
        <Link to="/">← Inbox</Link>
      </header>
      {isHelpOpen && <KeysHelp />}
      <WhoAreYou why={WHY} />
      <div className={styles.cards} ref={cards}>
        {error && <Problem error={error} again={() => void refetch()} />}
        {!data && !error && <Skeleton shape="card" />}
        {data && <ApprovalCard approval={data} decisions={decisions} isAlone />}
      </div>
    </>
  );
}
