import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { answerOf, api, type Approval } from '../../api/client';
import { keys, notePosition } from '../../api/live';
import { tools } from '../../api/questions';
import { Arguments } from '../../ui/arguments';
import form from '../../ui/form.module.css';
import { Problem, Risk } from '../../ui/states';
import { Since, TimeAgo } from '../../ui/time';
import { useUser } from '../../ui/user';
import { Words } from '../../ui/visible-text';
import styles from './inbox.module.css';

type Verdict = 'approve' | 'reject';

const ENDED: Readonly<Record<Exclude<Approval['status'], 'required'>, string>> = {
  approved: 'Approved',
  rejected: 'Rejected',
  expired: 'Expired: nobody decided in time',
  void: 'No longer needed: the run has ended or the step has changed',
};

function useDecision({ approval_id: id, args_hash }: Approval) {
  const client = useQueryClient();
  const user = useUser();
  return useMutation({
    mutationFn: ({ decision, reason }: { decision: Verdict; reason?: string }) =>
      answerOf(
        api.POST('/api/approvals/{id}/decision', {
          params: { path: { id } },
          body: { decision, decided_by: user!, args_hash, ...(reason ? { reason } : {}) },
        }),
      ),
    onSuccess: ({ position, status, decided_by, decided_at, reason }) => {
      notePosition(position);
      const decided = { status, decided_by, decided_at, decision_reason: reason };
      client.setQueriesData<Approval | readonly Approval[]>({ queryKey: keys.approvals }, (known) => {
        const changed = (one: Approval): Approval => (one.approval_id === id ? { ...one, ...decided } : one);
        return known === undefined ? known : 'approval_id' in known ? changed(known) : known.map(changed);
      });
    },
    // Somebody else may have decided: then the card says who did.
    onError: () => client.invalidateQueries({ queryKey: keys.approvals }),
  });
}

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

function Buttons({ approval, decision }: { readonly approval: Approval; readonly decision: ReturnType<typeof useDecision> }) {
  const user = useUser();
  const [isArmed, setArmed] = useState(false);
  const [isRejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const id = useId();
  const needsTwo = approval.risk_level === 'L3';
  const isOff = user === null || decision.isPending;

  if (isRejecting) {
    return (
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          decision.mutate({ decision: 'reject', reason: reason.trim() });
        }}
      >
        <label htmlFor={id}>Why not? (goes into the timeline; may be empty)</label>
        <input id={id} value={reason} maxLength={2000} autoFocus onChange={(event) => setReason(event.target.value)} />
        <div className={form.row}>
          <button type="submit" disabled={isOff} className={form.armed}>
            Reject and skip this step
          </button>
          <button type="button" onClick={() => setRejecting(false)}>
            Back
          </button>
        </div>
      </form>
    );
  }
  return (
    <div className={form.row}>
      <button
        type="button"
        className={isArmed ? form.armed : form.primary}
        disabled={isOff}
        onBlur={() => setArmed(false)}
        onClick={({ detail }) => {
          if (needsTwo && !isArmed) setArmed(true);
          // The second click of a double click is no second decision.
          else if (!needsTwo || detail < 2) decision.mutate({ decision: 'approve' });
        }}
      >
        {decision.isPending ? 'Recording…' : isArmed ? `Yes, run ${approval.tool} now` : 'Approve'}
      </button>
      <button type="button" disabled={isOff} onClick={() => setRejecting(true)}>
        Reject…
      </button>
      {isArmed && <small role="status">Press again to approve. Elsewhere to leave it.</small>}
    </div>
  );
}

/** Everything needed to decide, and the decision. */
export function ApprovalCard({ approval, isAlone = false }: { readonly approval: Approval; readonly isAlone?: boolean }) {
  const user = useUser();
  const decision = useDecision(approval);
  const tool = useQuery(tools).data?.find(({ name }) => name === approval.tool);
  const back =
    tool === undefined
      ? undefined
      : tool.irreversible
        ? 'cannot be taken back'
        : tool.undo
          ? `can be undone by ${tool.undo.tool}`
          : undefined;
  const Title = isAlone ? 'h1' : 'h2';
  const isOpen = approval.status === 'required';
  return (
    <article className={`${styles.card} ${isOpen ? '' : styles.past}`} aria-label={`Approval ${approval.approval_id}`}>
      <div className={styles.top}>
        <Risk level={approval.risk_level} {...(back === undefined ? {} : { note: back })} />
        {isOpen && (
          <small>
            waits <Since at={approval.requested_at} />
          </small>
        )}
      </div>
      <Title>
        {isAlone ? (
          <Words>{approval.step_name}</Words>
        ) : (
          <Link to="/approvals/$id" params={{ id: approval.approval_id }}>
            <Words>{approval.step_name}</Words>
          </Link>
        )}
      </Title>
      <p className={styles.tool}>
        <code>{approval.tool}</code>
        {tool && <> · {tool.description}</>}
      </p>
      <Arguments args={approval.args} />
      <p className={`${styles.asked} ${isAlone ? '' : styles.clamped}`}>
        asked by user {approval.user_id}:{' '}
        <q>
          <Words>{approval.intent}</Words>
        </q>
      </p>
      {isOpen ? (
        <>
          <small>If you reject: this step is skipped, and what depends on it.</small>
          <Buttons approval={approval} decision={decision} />
        </>
      ) : (
        <Decided approval={approval} isMine={user !== null && approval.decided_by === user} />
      )}
      {decision.error && <Problem error={decision.error} />}
      <p className={styles.run}>
        <Link to="/runs/$id" params={{ id: approval.workflow_id }} search={{ step: approval.step_id }}>
          Run {approval.workflow_id} →
        </Link>
      </p>
    </article>
  );
}
