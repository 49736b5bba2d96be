import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useMemo, useRef, useState } from 'react';
import { newKey, useAct } from '../../api/acts';
import { TIME_ZONE } from '../../api/period';
import { answerOf, api, Refusal, type PlanStep, type SimulatedStep } from '../../api/client';
import form from '../../ui/form.module.css';
import { Problem } from '../../ui/states';
import { useUser, WhoAreYou } from '../../ui/user';
import { jsonLines, type JsonLines } from './json-lines';
import styles from './new.module.css';
import { NO_OPTIONS, OptionFields, optionsBody } from './options';
import { PlanEditor, type LineFault } from './plan-editor';
import { Preview } from './preview';
import { StepArguments } from './step-arguments';

const EXAMPLE = 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list';
const EXAMPLE_PLAN = JSON.stringify(
  {
    steps: [
      { key: 'search', name: 'Search for data jobs', tool: 'job_search', args: { query: 'data', limit: 1 } },
      { key: 'tailor', name: 'Tailor CV to the job', tool: 'cv_tailor', args: { job: { $from: 'search', path: '/jobs/0' } } },
    ],
  },
  null,
  2,
);

interface Question {
  readonly intent: string;
  /** The text of a plan; undefined where one is to be made of the words. */
  readonly plan: string | undefined;
  readonly approvalFrom: '' | 'L2' | 'L3';
}

/** Whether it is shaped as a plan is the engine's to say. */
const planOf = (text: string): { steps: PlanStep[] } => JSON.parse(text) as { steps: PlanStep[] };

const asked = ({ intent, approvalFrom }: Question) => ({
  time_zone: TIME_ZONE,
  ...(intent.trim() !== '' && { intent }),
  ...(approvalFrom !== '' && { require_approval_from: approvalFrom }),
});

/** What was previewed, as a plan of its own: planned anew it might be another one. */
const stepOf = ({ key, name, tool, args, depends_on, risk_level }: SimulatedStep): PlanStep => ({
  key,
  name,
  tool,
  args,
  depends_on,
  risk_level,
});

/** What is wrong with the plan, by the lines of its text. */
function faultsOf({ fault, lineOf }: JsonLines, error: unknown): readonly LineFault[] {
  if (fault) return [{ line: fault.line, message: `Not JSON: ${fault.message}.` }];
  if (!(error instanceof Refusal)) return [];
  return error.faults
    .filter(({ field }) => /^\/plan(\/|$)/.test(field))
    .map(({ field, message }) => ({
      line: lineOf(field.slice('/plan'.length)),
      message: `${field.slice('/plan'.length)} ${message}`.trim(),
    }));
}

/** Asks what would happen, in words or with a plan, and then for exactly that. */
export function NewPage() {
  const user = useUser();
  const navigate = useNavigate();
  const id = useId();
  const [isPlan, setIsPlan] = useState(false);
  const [intent, setIntent] = useState('');
  const [text, setText] = useState('');
  const [argsFault, setArgsFault] = useState<string>();
  const [options, setOptions] = useState(NO_OPTIONS);
  const question: Question = { intent, plan: isPlan ? text : undefined, approvalFrom: options.require_approval_from };

  const preview = useMutation({
    mutationFn: async (about: Question) => ({
      about,
      ...(await answerOf(
        api.POST('/api/plans/simulate', {
          body: { user_id: user!, ...asked(about), ...(about.plan !== undefined && { plan: planOf(about.plan) }) },
        }),
      )),
    }),
  });
  // Of this request: an answer that got lost and is asked for again is no second run.
  const sent = useRef({ request: '', key: '' });
  const submit = useAct(async ({ about, steps }: NonNullable<typeof preview.data>) => {
    const plan = about.plan === undefined ? { steps: steps.map(stepOf) } : planOf(about.plan);
    const body = { user_id: user!, ...asked(about), plan, ...optionsBody(options) };
    const request = JSON.stringify(body);
    if (sent.current.request !== request) sent.current = { request, key: newKey() };
    const answer = await answerOf(api.POST('/api/workflows', { params: { header: { 'Idempotency-Key': sent.current.key } }, body }));
    await navigate({ to: '/runs/$id', params: { id: answer.workflow_id } });
    return answer;
  });

  const isSame = (about: Question | undefined): boolean => JSON.stringify(about) === JSON.stringify(question);
  const lines = useMemo(() => jsonLines(text), [text]);
  const isEmpty = isPlan ? text.trim() === '' : intent.trim() === '';
  const faults = isPlan && !isEmpty ? faultsOf(lines, isSame(preview.variables) ? preview.error : null) : [];
  const isMalformed = isPlan && lines.fault !== undefined;
  const shown = preview.data;
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
          submit.reset();
          preview.mutate(question);
        }}
      >
        <fieldset className={styles.kinds}>
          <legend hidden>How it is asked for</legend>
          {[false, true].map((kind) => (
            <label key={String(kind)}>
              <input type="radio" name={id} checked={isPlan === kind} onChange={() => setIsPlan(kind)} />
              {kind ? 'With a plan' : 'In words'}
            </label>
          ))}
        </fieldset>
        <label htmlFor={id}>{isPlan ? 'What is it for? (may be empty)' : 'What do you want?'}</label>
        <textarea
          id={id}
          rows={isPlan ? 2 : 5}
          maxLength={2000}
          value={intent}
          placeholder={isPlan ? '' : EXAMPLE}
          onChange={({ target }) => setIntent(target.value)}
        />
        {isPlan ? (
          <>
            <PlanEditor label="Plan (JSON)" value={text} change={setText} faults={faults} />
            <StepArguments plan={text} change={setText} tell={setArgsFault} />
          </>
        ) : (
          <small>
            It is planned as steps; those that are too risky to run by themselves wait for approval. Days and times are those of {TIME_ZONE}
            .
          </small>
        )}
        <OptionFields options={options} change={setOptions} />
        <div className={form.row}>
          <button
            type="submit"
            className={isSame(shown?.about) ? undefined : form.primary}
            disabled={user === null || isEmpty || isMalformed || argsFault !== undefined || preview.isPending}
          >
            {preview.isPending ? 'Planning…' : 'Preview'}
          </button>
          {isEmpty && (
            <button type="button" onClick={() => (isPlan ? setText(EXAMPLE_PLAN) : setIntent(EXAMPLE))}>
              Use the example
            </button>
          )}
        </div>
        {preview.error && isSame(preview.variables) && <Problem error={preview.error} />}
      </form>
      {shown && (
        <section className={styles.preview} aria-label="Preview">
          <h2>What would happen</h2>
          <Preview key={JSON.stringify(shown.about)} steps={shown.steps} planner={shown.planner} />
          <div className={form.row}>
            <button
              type="button"
              className={form.primary}
              disabled={user === null || submit.isPending || !isSame(shown.about)}
              onClick={() => submit.mutate(shown)}
            >
              {submit.isPending ? 'Submitting…' : 'Run it'}
            </button>
            {!isSame(shown.about) && <small role="status">You have changed something since: preview it again.</small>}
          </div>
          {submit.error && <Problem error={submit.error} />}
        </section>
      )}
    </>
  );
}
