import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { newKey, useAct } from '../../api/acts';
import { answerOf, api } from '../../api/client';
import { TIME_ZONE } from '../../api/period';
import form from '../../ui/form.module.css';
import { Problem } from '../../ui/states';
import { useUser, WhoAreYou } from '../../ui/user';
import styles from './new.module.css';

const EXAMPLE = 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list';

/** Asks for something, in words. */
export function NewPage() {
  const user = useUser();
  const navigate = useNavigate();
  const id = useId();
  const [intent, setIntent] = useState('');
  // Of this intent: an answer that got lost and is asked for again is no second run.
  const [key, setKey] = useState(newKey);
  const submit = useAct(async () => {
    const answer = await answerOf(
      api.POST('/api/workflows/submit', {
        params: { header: { 'Idempotency-Key': key } },
        body: { user_id: user!, intent, time_zone: TIME_ZONE },
      }),
    );
    await navigate({ to: '/runs/$id', params: { id: answer.workflow_id } });
    return answer;
  });
  return (
    <>
      <header>
        <h1>New</h1>
      </header>
      <WhoAreYou why="The run will be yours." />
      <form
        className={`${form.stack} ${styles.form}`}
        onSubmit={(event) => {
          event.preventDefault();
          submit.mutate();
        }}
      >
        <label htmlFor={id}>What do you want?</label>
        <textarea
          id={id}
          rows={5}
          maxLength={2000}
          value={intent}
          placeholder={EXAMPLE}
          onChange={(event) => {
            setIntent(event.target.value);
            setKey(newKey());
          }}
        />
        <small>
          It is planned as steps; those that are too risky to run by themselves wait for approval. Days and times are those of {TIME_ZONE}.
        </small>
        <div className={form.row}>
          <button type="submit" className={form.primary} disabled={user === null || intent.trim() === '' || submit.isPending}>
            {submit.isPending ? 'Submitting…' : 'Run it'}
          </button>
          {intent === '' && (
            <button type="button" onClick={() => setIntent(EXAMPLE)}>
              Use the example
            </button>
          )}
        </div>
        {submit.error && <Problem error={submit.error} />}
      </form>
    </>
  );
}
