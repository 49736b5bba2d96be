import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useRef, useState } from 'react';
import type { Approval, ApprovalDetail } from '../../api/client';
import { approval as approvalQuestion, tools } from '../../api/questions';
import { Arguments } from '../../ui/arguments';
import form from '../../ui/form.module.css';
import { useInView } from '../../ui/in-view';
import { Problem, Risk } from '../../ui/states';
import { Since, TimeAgo } from '../../ui/time';
import { useUser } from '../../ui/user';
import type { Place } from '../../ui/virtual-list';
import { Words } from '../../ui/visible-text';
import type { Decisions, Verdict } from './decisions';
import styles from './inbox.module.css';
import { useTwoPresses } from './two-presses';

const ENDED: Readonly<Record<Exclude<Approval['status'], 'required'>, string>> = {
  approved: 'Approved',
  rejected: 'Rejected',
  expired: 'Expired: nobody decided in time',
  void: 'No longer needed: the run has ended or the step has changed',
};

/** Steps that are named of those that a rejection skips. */
const MOST_NAMED = 5;

/** How it ended, where the buttons were. */
function Decided({ approval: { status, decided_by, decided_at, decision_reason }, isMine }: { approval: Approval; isMine: boolean }) {
  if (status === 'required') return null;
  const by = decided_by === null ? '' : isMine ? ' by you' : ` by user ${decided_by}`;
  return (
    <p className={styles.decided} role="status">
      <strong>
        {ENDED[status]}
        {by}
      </strong>
      {decided_at !== null && (
        <>
          , <TimeAgo at={decided_at} />
        </>
      )}
      {decision_reason !== null && (
        <>
          : <Words>{decision_reason}</Words>
        </>
      )}
    </p>
  );
}

/** What else a rejection would skip; has its room before it is known. */
function IfRejected({ detail }: { readonly detail: ApprovalDetail | undefined }) {
  const named = detail?.rejection_skips.slice(0, MOST_NAMED) ?? [];
  const more = (detail?.rejection_skips_count ?? 0) - named.length;
  return (
    <small>
      If you reject: this step is skipped
      {detail === undefined ? '…' : detail.rejection_skips_count === 0 ? ', nothing else.' : ', and also '}
      {named.map(({ step_id: id, step_name: name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Words>{name}</Words>
        </span>
      ))}
      {more > 0 && ` and ${more} more`}
      {named.length > 0 && ` (${detail!.rejection_skips_count + 1} in all).`}
    </small>
  );
}

interface ButtonsProps {
  readonly approval: Approval;
  readonly isOff: boolean;
  readonly isPending: boolean;
  readonly decide: (decision: Verdict, reason?: string) => void;
}

function Buttons({ approval, isOff, isPending, decide }: ButtonsProps) {
  const [isRejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const id = useId();
  const approve = useTwoPresses(() => decide('approve'), approval.risk_level === 'L3');
  const back = (from: HTMLElement): void => {
    // The field that has the focus goes: the card keeps it.
    from.closest<HTMLElement>('article')?.focus({ preventScroll: true });
    setRejecting(false);
  };

  if (isRejecting) {
    return (
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          decide('reject', reason);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') back(currentTarget);
        }}
      >
        <label htmlFor={id}>Why not? (goes into the timeline; may be empty)</label>
        <input id={id} value={reason} maxLength={2000} autoFocus onChange={(event) => setReason(event.target.value)} />
        <div className={form.row}>
          <button type="submit" disabled={isOff} className={form.armed}>
            Reject and skip this step
          </button>
          <button type="button" onClick={({ currentTarget }) => back(currentTarget)}>
            Back
          </button>
        </div>
      </form>
    );
  }
  return (
    <div className={form.row}>
      <button type="button" data-key="a" className={approve.isArmed ? form.armed : form.primary} disabled={isOff} {...approve.handlers}>
        {isPending ? 'Recording…' : approve.isArmed ? `Yes, run ${approval.tool} now` : 'Approve'}
      </button>
      <button type="button" data-key="r" disabled={isOff} onClick={() => setRejecting(true)}>
        Reject…
      </button>
      {approve.isArmed && <small role="status">Press again to approve. Elsewhere to leave it.</small>}
    </div>
  );
}

function useBackNote({ irreversible, tool: name }: Approval): string | undefined {
  const tool = useQuery(tools).data?.find((one) => one.name === name);
  if (irreversible === null) return undefined;
  if (irreversible) return 'irreversible';
  return tool?.effect === 'read-only' ? 'only reads' : tool?.undo ? `can be undone by ${tool.undo.tool}` : 'can be undone';
}

interface Props {
  readonly approval: Approval;
  readonly decisions: Decisions;
  readonly isAlone?: boolean;
  readonly place?: Place;
  readonly choice?: { readonly isChosen: boolean; readonly choose: (isChosen: boolean) => void };
}

/** Everything needed to decide, and the decision. */
export function ApprovalCard({ approval, decisions, isAlone = false, place, choice }: Props) {
  const user = useUser();
  const [sight, isInView] = useInView<HTMLDivElement>();
  const article = useRef<HTMLElement>(null);
  // Only of what is on the screen: also what the stream makes stale is read again for those only.
  const { data: detail, isError } = useQuery({ ...approvalQuestion(approval.approval_id), enabled: isInView });
  const back = useBackNote(approval);
  const Title = isAlone ? 'h1' : 'h2';
  const isOpen = approval.status === 'required';
  const isPending = decisions.isPending(approval.approval_id);
  const refusal = decisions.refusalOf(approval.approval_id);
  const decide = async (decision: Verdict, reason?: string): Promise<void> => {
    await decisions.decide([approval], decision, reason);
    // The button that had the focus is gone.
    if (document.activeElement === document.body) article.current?.focus({ preventScroll: true });
  };
  return (
    <article
      ref={article}
      tabIndex={-1}
      className={`${styles.card} ${isOpen ? '' : styles.past} ${choice?.isChosen === true ? styles.chosen : ''}`}
      aria-label={`Approval ${approval.approval_id}`}
      {...place}
    >
      <div className={styles.top} ref={sight}>
        {isOpen && choice && (
          <label className={styles.choose}>
            <input
              type="checkbox"
              data-key="x"
              checked={choice.isChosen}
              onChange={({ target }) => choice.choose(target.checked)}
              aria-label={`Choose approval ${approval.approval_id}`}
            />
          </label>
        )}
        <Risk level={approval.risk_level} {...(back === undefined ? {} : { note: back })} />
        {isOpen && (
          <small>
            waits <Since at={approval.requested_at} />
          </small>
        )}
      </div>
      <Title>
        {isAlone ? (
          <Words>{approval.summary}</Words>
        ) : (
          <Link to="/approvals/$id" params={{ id: approval.approval_id }}>
            <Words>{approval.summary}</Words>
          </Link>
        )}
      </Title>
      <Arguments args={approval.args} shows={approval.shows} sources={detail?.sources ?? []} run={approval.workflow_id} />
      <p className={styles.asked}>
        <span className={isAlone ? undefined : styles.clamped}>
          asked by user {approval.user_id}:{' '}
          <q>
            <Words>{approval.intent}</Words>
          </q>
        </span>
      </p>
      {isOpen ? (
        <>
          <IfRejected detail={detail} />
          <Buttons
            approval={approval}
            // Before everything is there, buttons would move from under a finger.
            isOff={decisions.isOff || isPending || (detail === undefined && !isError)}
            isPending={isPending}
            decide={(decision, reason) => void decide(decision, reason)}
          />
        </>
      ) : (
        <Decided approval={approval} isMine={user !== null && approval.decided_by === user} />
      )}
      {refusal !== undefined && <Problem error={refusal} />}
      <p className={styles.run}>
        <span>
          <Words>{approval.step_name}</Words> · <code>{approval.tool}</code>
        </span>
        <Link to="/runs/$id" params={{ id: approval.workflow_id }} search={{ step: approval.step_id }}>
          Run {approval.workflow_id} →
        </Link>
      </p>
    </article>
  );
}
