import { useEffect, useId, useRef, useState } from 'react';
import type { Approval } from '../../api/client';
import form from '../../ui/form.module.css';
import { Risk } from '../../ui/states';
import { Words } from '../../ui/visible-text';
import type { Decisions, Verdict } from './decisions';
import styles from './inbox.module.css';
import { useSecondPress } from './two-presses';

interface Props {
  /** The riskiest first. */
  readonly chosen: readonly Approval[];
  readonly decisions: Decisions;
  readonly clear: () => void;
}

const SAYS: Readonly<Record<Verdict, string>> = { approve: 'Approve', reject: 'Reject' };

/** What is about to be decided, by name. Another choice begins anew. */
function Confirm({ chosen, decisions, verdict, done }: Omit<Props, 'clear'> & { readonly verdict: Verdict; readonly done: () => void }) {
  const [reason, setReason] = useState('');
  const id = useId();
  const decide = (): void => {
    void decisions.decide(chosen, verdict, reason);
    done();
  };
  const second = useSecondPress(decide);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.focus(), []);
  const these = chosen.length === 1 ? 'this one' : `these ${chosen.length}`;
  return (
    <form
      className={form.stack}
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={({ key }) => {
        if (key === 'Escape') done();
      }}
    >
      <p id={`${id}-what`}>{verdict === 'approve' ? 'About to be approved:' : 'About to be rejected, with what depends on it:'}</p>
      <ul ref={list} className={styles.listed} aria-labelledby={`${id}-what`} tabIndex={0}>
        {chosen.map((one) => (
          <li key={one.approval_id}>
            <Risk level={one.risk_level} {...(one.irreversible === true && { note: 'irreversible' })} /> <Words>{one.summary}</Words>
          </li>
        ))}
      </ul>
      {verdict === 'reject' && (
        <>
          <label htmlFor={id}>Why not? (goes into each timeline; may be empty)</label>
          <input id={id} value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
        </>
      )}
      <div className={form.row}>
        <button type="button" className={form.armed} disabled={decisions.isOff} {...second}>
          Yes, {verdict} {these}
        </button>
        <button type="button" onClick={done}>
          Back
        </button>
      </div>
    </form>
  );
}

/** Several at once: named first, decided with a second press. */
export function ChosenBar({ chosen, decisions, clear }: Props) {
  const [asked, setAsked] = useState<{ readonly verdict: Verdict; readonly ids: string }>();
  const ids = chosen.map(({ approval_id: id }) => id).join();
  // Asked about another choice, which is not confirmed when somebody comes back to it.
  if (asked && asked.ids !== ids) setAsked(undefined);
  if (chosen.length === 0) return null;
  return (
    <section className={styles.bar} aria-label="Chosen">
      {asked ? (
        <Confirm chosen={chosen} decisions={decisions} verdict={asked.verdict} done={() => setAsked(undefined)} />
      ) : (
        <div className={form.row}>
          <strong role="status">{chosen.length} chosen:</strong>
          {(['approve', 'reject'] as const).map((verdict) => (
            <button key={verdict} type="button" disabled={decisions.isOff} onClick={() => setAsked({ verdict, ids })}>
              {SAYS[verdict]}…
            </button>
          ))}
          <button type="button" onClick={clear}>
            Choose none
          </button>
        </div>
      )}
    </section>
  );
}
