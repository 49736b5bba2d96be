import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { doneBy, useAct } from '../../api/acts';
import { answerOf, api, type Pause } from '../../api/client';
import { tools } from '../../api/questions';
import form from '../../ui/form.module.css';
import { Problem } from '../../ui/states';
import { Since } from '../../ui/time';
import { useUser } from '../../ui/user';
import { Words } from '../../ui/visible-text';
import styles from './attention.module.css';

const EVERYTHING = '*';

/** The kill switch: what is paused, and pausing a tool or everything. */
export function Pauses({ pauses }: { readonly pauses: readonly Pause[] }) {
  const user = useUser();
  const known = useQuery(tools).data ?? [];
  const [tool, setTool] = useState('');
  const [reason, setReason] = useState('');
  const set = useAct(() =>
    answerOf(api.POST('/api/pauses', { body: { ...doneBy(user, reason), ...(tool === EVERYTHING ? {} : { tool }) } })),
  );
  const lift = useAct<number>((id) => answerOf(api.DELETE('/api/pauses/{id}', { params: { path: { id } }, body: doneBy(user) })));
  return (
    <section className={styles.section}>
      <h2>Pauses</h2>
      <ul>
        {pauses.map((pause) => (
          <li key={pause.pause_id} className={styles.item}>
            <h3>{pause.tool === null ? 'Everything is paused' : <>Paused: {pause.tool}</>}</h3>
            <small>
              for <Since at={pause.since} />
              {pause.set_by !== null && ` by user ${pause.set_by}`}
              {pause.reason !== null && (
                <>
                  : <Words>{pause.reason}</Words>
                </>
              )}
            </small>
            <div className={form.row}>
              <button type="button" className={form.primary} disabled={lift.isPending} onClick={() => lift.mutate(pause.pause_id)}>
                Lift the pause
              </button>
            </div>
          </li>
        ))}
      </ul>
      {lift.error && <Problem error={lift.error} />}
      <details>
        <summary>Pause a tool, or everything</summary>
        <form
          className={form.row}
          onSubmit={(event) => {
            event.preventDefault();
            set.mutate(undefined, { onSuccess: () => setTool('') });
          }}
        >
          <select aria-label="What to pause" value={tool} onChange={(event) => setTool(event.target.value)}>
            <option value="">What?</option>
            <option value={EVERYTHING}>Everything</option>
            {known.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <input aria-label="Why" placeholder="Why" value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
          <button type="submit" disabled={tool === '' || set.isPending}>
            {tool === EVERYTHING ? 'Pause everything' : 'Pause'}
          </button>
        </form>
        <small>No step of it starts on any node until the pause is lifted; what runs finishes.</small>
        {set.error && <Problem error={set.error} />}
      </details>
    </section>
  );
}
