import { useNavigate } from '@tanstack/react-router';
import { useCallback, useId, useState, type Dispatch, type SetStateAction } from 'react';
import { doneBy, useAct } from '../../api/acts';
import { answerOf, api, type Run, type Step } from '../../api/client';
import form from '../../ui/form.module.css';
import { isObject, parsed } from '../../ui/json-text';
import { ToolValueEditor } from '../../ui/schema-form/tool-value-editor';
import { Problem } from '../../ui/states';
import { useUser } from '../../ui/user';
import { visible, Words } from '../../ui/visible-text';
import styles from './fork-form.module.css';

type Verdict = 'approve' | 'reject';

interface Props {
  /** The run as it was at the revision. */
  readonly run: Run;
  readonly revision: number;
  /** Steps that an approval was asked for, ever. */
  readonly asked: ReadonlySet<number>;
  readonly close: () => void;
}

const textOf = ({ args }: Step): string => JSON.stringify(args, null, 2);

type SetByKey<T> = Dispatch<SetStateAction<Readonly<Record<string, T>>>>;

interface StepArgumentsProps {
  readonly step: Step;
  readonly text: string;
  readonly setTexts: SetByKey<string>;
  readonly setFaults: SetByKey<string | undefined>;
}

function StepArguments({ step: { key, name, tool }, text, setTexts, setFaults }: StepArgumentsProps) {
  const change = useCallback((next: string) => setTexts((all) => ({ ...all, [key]: next })), [key, setTexts]);
  const tell = useCallback((fault: string | undefined) => setFaults((all) => ({ ...all, [key]: fault })), [key, setFaults]);
  return <ToolValueEditor tool={tool} side="input" label={`Arguments of ${visible(name)}`} text={text} change={change} tell={tell} />;
}

/** Asks what should be otherwise in a shadow of the run. */
export function ForkForm({ run, revision, asked, close }: Props) {
  const user = useUser();
  const navigate = useNavigate();
  const id = useId();
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [faults, setFaults] = useState<Readonly<Record<string, string | undefined>>>({});
  const [decisions, setDecisions] = useState<Readonly<Record<string, Verdict>>>({});
  const [reason, setReason] = useState('');
  const edited = run.steps.filter(({ key }) => Object.hasOwn(texts, key));
  const decidable = run.steps.filter(({ step_id, risk_level: risk }) => asked.has(step_id) || risk === 'L2' || risk === 'L3');
  const isWrong = edited.some(({ key }) => faults[key] !== undefined);
  const act = useAct(async () => {
    const args = Object.fromEntries(
      Object.entries(texts).map(([key, text]) => {
        const { value } = parsed(text);
        return [key, isObject(value) ? value : {}];
      }),
    );
    const body = { ...doneBy(user, reason), revision, shadow: true as const, args, decisions };
    const shadow = await answerOf(api.POST('/api/workflows/{id}/fork', { params: { path: { id: run.workflow_id } }, body }));
    await navigate({ to: '/runs/$id', params: { id: shadow.workflow_id }, search: {} });
    return shadow;
  });
  const without = (key: string): void => setTexts((all) => Object.fromEntries(Object.entries(all).filter(([one]) => one !== key)));
  const decide = (key: string, verdict: string): void =>
    setDecisions(({ [key]: _, ...others }) => (verdict === 'approve' || verdict === 'reject' ? { ...others, [key]: verdict } : others));

  return (
    <form
      className={`${form.stack} ${styles.fork}`}
      aria-label="Fork"
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate();
      }}
    >
      <h2>What if, from event {revision} on…</h2>
      <p>
        A shadow of the run goes on from here. It calls no tool and asks nobody: its steps take the outputs that they had, or ones of the
        kind that their tools promise.
      </p>
      <label htmlFor={`${id}-step`}>Other arguments for</label>
      <select
        id={`${id}-step`}
        value=""
        onChange={({ target: { value } }) => {
          const step = run.steps.find(({ key }) => key === value);
          if (step) setTexts((all) => ({ ...all, [step.key]: textOf(step) }));
        }}
      >
        <option value="">Choose a step…</option>
        {run.steps
          .filter(({ key }) => !Object.hasOwn(texts, key))
          .map(({ key, name }) => (
            <option key={key} value={key}>
              {visible(name)}
            </option>
          ))}
      </select>
      {edited.map((step) => (
        <div key={step.key} className={form.stack}>
          <StepArguments step={step} text={texts[step.key]!} setTexts={setTexts} setFaults={setFaults} />
          <div className={form.row}>
            <button type="button" onClick={() => without(step.key)}>
              Leave these arguments as they are
            </button>
          </div>
        </div>
      ))}
      {decidable.length > 0 && (
        <fieldset className={styles.decisions}>
          <legend>Decisions</legend>
          {decidable.map(({ key, step_id, name }) => (
            <div key={key}>
              <label htmlFor={`${id}-decision-${step_id}`}>
                <Words>{name}</Words>
              </label>
              <select id={`${id}-decision-${step_id}`} value={decisions[key] ?? ''} onChange={({ target }) => decide(key, target.value)}>
                <option value="">As in the run, or else approved</option>
                <option value="approve">Approve</option>
                <option value="reject">Reject</option>
              </select>
            </div>
          ))}
        </fieldset>
      )}
      <label htmlFor={`${id}-why`}>Why (for the timeline; may be empty)</label>
      <input id={`${id}-why`} value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
      <div className={form.row}>
        <button type="submit" className={form.primary} disabled={act.isPending || isWrong}>
          Run the shadow
        </button>
        <button type="button" onClick={close}>
          Back
        </button>
      </div>
      {act.error && <Problem error={act.error} />}
    </form>
  );
}
