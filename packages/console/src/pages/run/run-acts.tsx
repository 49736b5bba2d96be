import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { doneBy, useAct } from '../../api/acts';
import { answerOf, api, type Run } from '../../api/client';
import form from '../../ui/form.module.css';
import { Problem } from '../../ui/states';
import { useUser } from '../../ui/user';

/** What can be done about a whole run, in its state. */
export function RunActs({ run: { workflow_id: id, state, shadow } }: { readonly run: Run }) {
  const user = useUser();
  const navigate = useNavigate();
  const field = useId();
  const [isCancelling, setCancelling] = useState(false);
  const [reason, setReason] = useState('');
  const [compensate, setCompensate] = useState(false);
  const path = { params: { path: { id } } };
  const act = useAct<'cancel' | 'pause' | 'resume' | 'rerun'>(async (what) => {
    const body = doneBy(user, reason);
    if (what === 'pause') return answerOf(api.POST('/api/workflows/{id}/pause', { ...path, body }));
    if (what === 'resume') return answerOf(api.POST('/api/workflows/{id}/resume', { ...path, body }));
    if (what === 'cancel') return answerOf(api.POST('/api/workflows/{id}/cancel', { ...path, body: { ...body, compensate } }));
    const again = await answerOf(api.POST('/api/workflows/{id}/rerun', { ...path, body }));
    await navigate({ to: '/runs/$id', params: { id: again.workflow_id } });
    return again;
  });
  const isFinal = state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';

  if (isCancelling && !isFinal && state !== 'CANCELLING') {
    return (
      <form
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate('cancel', { onSuccess: () => setCancelling(false) });
        }}
      >
        <label htmlFor={field}>Why (for the timeline; may be empty)</label>
        <input id={field} value={reason} maxLength={2000} autoFocus onChange={(event) => setReason(event.target.value)} />
        {!shadow && (
          <label className={form.check}>
            <input type="checkbox" checked={compensate} onChange={(event) => setCompensate(event.target.checked)} />
            Undo what it did, as far as its tools can
          </label>
        )}
        <div className={form.row}>
          <button type="submit" className={form.armed} disabled={act.isPending}>
            {compensate ? 'Cancel the run and undo what it did' : 'Cancel the run'}
          </button>
          <button type="button" onClick={() => setCancelling(false)}>
            Back
          </button>
        </div>
        {act.error && <Problem error={act.error} />}
      </form>
    );
  }
  return (
    <div className={form.stack}>
      <div className={form.row}>
        {state === 'RUNNING' && (
          <button type="button" disabled={act.isPending} onClick={() => act.mutate('pause')}>
            Pause
          </button>
        )}
        {state === 'PAUSED' && (
          <button type="button" className={form.primary} disabled={act.isPending} onClick={() => act.mutate('resume')}>
            Resume
          </button>
        )}
        {!isFinal && state !== 'CANCELLING' && (
          <button type="button" onClick={() => setCancelling(true)}>
            Cancel…
          </button>
        )}
        {isFinal && !shadow && (
          <button type="button" disabled={act.isPending} onClick={() => act.mutate('rerun')}>
            Run again what did not succeed
          </button>
        )}
      </div>
      {act.error && <Problem error={act.error} />}
    </div>
  );
}
