import { useId, useState } from 'react';
import { newKey, useAct } from '../../api/acts';
import { answerOf, api, type NewSchedule } from '../../api/client';
import { TIME_ZONE } from '../../api/period';
import form from '../../ui/form.module.css';
import { Problem } from '../../ui/states';
import { useUser } from '../../ui/user';
import { cronWords, PRESETS } from './cron-words';
import styles from './schedules.module.css';

const ZONES = Intl.supportedValuesOf('timeZone');

const OVERLAPS = [
  ['skip', 'leave this time out'],
  ['allow', 'run all the same'],
] as const;
const CATCH_UPS = [
  ['last', 'run the last one'],
  ['none', 'run none of them'],
] as const;

/** Asks for something again and again. */
export function NewScheduleForm({ created }: { readonly created: () => void }) {
  const user = useUser();
  const id = useId();
  const [intent, setIntent] = useState('');
  const [cron, setCron] = useState<string>(PRESETS[1][0]);
  const [zone, setZone] = useState(TIME_ZONE);
  const [overlap, setOverlap] = useState<NonNullable<NewSchedule['overlap']>>('skip');
  const [catchUp, setCatchUp] = useState<NonNullable<NewSchedule['catch_up']>>('last');
  const body = { user_id: user ?? 0, intent, cron: cron.trim(), time_zone: zone.trim(), overlap, catch_up: catchUp };
  // Of this schedule: an answer that got lost and is asked for again is no second one.
  const [key, setKey] = useState({ of: '', key: '' });
  const create = useAct(() => {
    const of = JSON.stringify(body);
    const used = key.of === of ? key.key : newKey();
    setKey({ of, key: used });
    return answerOf(api.POST('/api/schedules', { params: { header: { 'Idempotency-Key': used } }, body }));
  });
  const words = cronWords(cron);
  return (
    <form
      className={form.stack}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(undefined, { onSuccess: created });
      }}
    >
      <label htmlFor={`${id}i`}>What do you want each time?</label>
      <textarea id={`${id}i`} rows={3} maxLength={2000} value={intent} onChange={({ target }) => setIntent(target.value)} />
      <div className={styles.fields}>
        <label>
          How often
          <select
            value={PRESETS.some(([preset]) => preset === cron) ? cron : ''}
            onChange={({ target }) => target.value !== '' && setCron(target.value)}
          >
            {PRESETS.map(([preset, name]) => (
              <option key={preset} value={preset}>
                {name}
              </option>
            ))}
            <option value="">Other times, as below</option>
          </select>
        </label>
        <label>
          Times (cron)
          <input
            value={cron}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}w`}
            aria-invalid={words === undefined}
            onChange={({ target }) => setCron(target.value)}
          />
        </label>
      </div>
      <p id={`${id}w`} role="status" className={words === undefined ? styles.wrong : undefined}>
        {words === undefined
          ? 'Five fields are wanted: minute, hour, day of the month, month, day of the week.'
          : `${words}, by the clocks of ${zone.trim() === '' ? '…' : zone}.`}
      </p>
      <div className={styles.fields}>
        <label>
          Time zone
          <input value={zone} list={`${id}z`} maxLength={64} autoComplete="off" onChange={({ target }) => setZone(target.value)} />
        </label>
        <datalist id={`${id}z`}>
          {ZONES.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <label>
          While the last run is unfinished
          <select value={overlap} onChange={({ target }) => setOverlap(OVERLAPS.find(([value]) => value === target.value)![0])}>
            {OVERLAPS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Times missed while no engine ran
          <select value={catchUp} onChange={({ target }) => setCatchUp(CATCH_UPS.find(([value]) => value === target.value)![0])}>
            {CATCH_UPS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className={form.row}>
        <button
          type="submit"
          className={form.primary}
          disabled={user === null || intent.trim() === '' || words === undefined || zone.trim() === '' || create.isPending}
        >
          {create.isPending ? 'Creating…' : 'Create the schedule'}
        </button>
      </div>
      {create.error && <Problem error={create.error} />}
    </form>
  );
}
