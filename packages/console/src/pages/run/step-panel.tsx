import { Link } from '@tanstack/react-router';
import type { Run, Step, TimelineEvent } from '../../api/client';
import { Arguments, Json } from '../../ui/arguments';
import { Risk, StepStateWord } from '../../ui/states';
import { StepActs } from '../../ui/step-acts';
import { durationOf, TimeAgo } from '../../ui/time';
import { Words } from '../../ui/visible-text';
import past from './as-of.module.css';
import type { Difference } from './changes';
import { Differences } from './differences';
import styles from './run.module.css';

const SKIPPED: Readonly<Record<NonNullable<Step['skip_cause']>, string>> = {
  rejected: 'Skipped because a person rejected it.',
  dependency: 'Skipped because a step that it depends on was skipped.',
  failure: 'Skipped because it failed for good.',
  person: 'Skipped by a person.',
};

const EFFECTS = {
  none: 'It had no effect.',
  happened: 'Its effect has happened all the same.',
  unknown: 'Nobody knows whether it had its effect.',
};

/** The approvals that were asked for the step, with what became of them. */
function Approvals({ entries }: { readonly entries: readonly TimelineEvent[] }) {
  const asked = entries.filter(({ type }) => type === 'approval_required');
  return asked.map((entry) => {
    const id = Number(entry.data['approval_id']);
    const answer = entries.find(
      ({ type, data }) => (type === 'approval_granted' || type === 'approval_rejected') && data['approval_id'] === id,
    );
    return (
      <p key={entry.id}>
        <Link to="/approvals/$id" params={{ id }}>
          Approval {id}
        </Link>
        {answer
          ? `: ${answer.type === 'approval_granted' ? 'approved' : 'rejected'} by user ${String(answer.data['decided_by'])}`
          : ': not decided'}
      </p>
    );
  });
}

interface Props {
  readonly run: Run;
  readonly step: Step;
  readonly entries: readonly TimelineEvent[];
  /** What the event changed as of which the run is shown; undefined where it is live. */
  readonly changes: readonly Difference[] | undefined;
  readonly isPast: boolean;
}

/** One step: what it is called with, what came of it, and what can be done. */
export function StepPanel({ run, step, entries, changes, isPast }: Props) {
  const wait = run.waiting_for.find(({ step_id }) => step_id === step.step_id);
  return (
    <section className={styles.panel} aria-label="Selected step">
      <h2>
        <Words>{step.name}</Words>
      </h2>
      <p className={styles.facts}>
        <StepStateWord state={step.state} />
        <Risk level={step.risk_level} />
        <code>{step.tool}</code>
      </p>
      <p className={styles.soft}>
        {step.attempts === 0 ? 'Not begun' : step.attempts === 1 ? '1 attempt' : `${step.attempts} attempts`}
        {step.started_at !== null && (
          <>
            , began <TimeAgo at={step.started_at} />
          </>
        )}
        {step.started_at !== null && step.finished_at !== null && `, took ${durationOf(step.started_at, step.finished_at)}`}
      </p>
      {changes && (
        <div className={past.told}>
          <strong>Changed by this event</strong>
          {changes.length > 0 ? <Differences differences={changes} /> : <p>The step was planned.</p>}
        </div>
      )}
      {step.skip_cause !== null && <p>{SKIPPED[step.skip_cause]}</p>}
      {step.error && (
        <div className={styles.error}>
          <strong>
            <Words>{step.error.message}</Words>
          </strong>
          <small>
            <code>{step.error.code}</code> · {EFFECTS[step.error.effect]}
          </small>
        </div>
      )}
      <Approvals entries={entries} />
      {!isPast && (wait?.kind === 'dead_letter' || wait?.kind === 'tool') && (
        <StepActs stuck={{ workflow_id: run.workflow_id, step_id: step.step_id, tool: step.tool, args: step.args }} />
      )}
      <h3>Arguments</h3>
      <Arguments args={step.args} />
      {step.output !== null && step.output !== undefined && (
        <>
          <h3>Output</h3>
          <Arguments args={step.output} all="All of the output" />
        </>
      )}
      <Json value={entries} title={`Entries of the timeline, raw (${entries.length})`} />
    </section>
  );
}
