import { useId, useState } from 'react';
import { answerOf, api } from '../api/client';
import { doneBy, useAct } from '../api/acts';
import form from './form.module.css';
import { isObject, parsed } from './json-text';
import { ToolValueEditor } from './schema-form/tool-value-editor';
import { Problem } from './states';
import { useUser } from './user';

interface Stuck {
  readonly workflow_id: number;
  readonly step_id: number;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

type Form = 'args' | 'output' | 'give-up';

/** What can be done about a step that failed for good. */
export function StepActs({ stuck }: { readonly stuck: Stuck }) {
  const user = useUser();
  const [open, setOpen] = useState<Form>();
  const [text, setText] = useState<string>();
  const [fault, setFault] = useState<string>();
  const [reason, setReason] = useState('');
  const id = useId();
  const path = { id: stuck.workflow_id, step_id: stuck.step_id };
  const by = doneBy(user, reason);
  const act = useAct<'retry' | 'skip' | Form>((what) => {
    const params = { params: { path } };
    if (what === 'retry') return answerOf(api.POST('/api/workflows/{id}/steps/{step_id}/retry', { ...params, body: by }));
    if (what === 'skip') return answerOf(api.POST('/api/workflows/{id}/steps/{step_id}/skip', { ...params, body: by }));
    if (what === 'give-up')
      return answerOf(api.POST('/api/workflows/{id}/give-up', { params: { path: { id: stuck.workflow_id } }, body: by }));
    const { value } = parsed(text ?? '');
    if (what === 'output')
      return answerOf(api.POST('/api/workflows/{id}/steps/{step_id}/complete', { ...params, body: { ...by, output: value } }));
    return answerOf(
      api.POST('/api/workflows/{id}/steps/{step_id}/retry', { ...params, body: { ...by, args: isObject(value) ? value : {} } }),
    );
  });
  const begin = (what: Form, begun?: string): void => {
    setOpen(what);
    setText(begun);
    setFault(undefined);
  };
  const isOff = act.isPending || (open !== 'give-up' && (text === undefined || fault !== undefined));
  const says = { args: 'Try again with these arguments', output: 'Complete with this output', 'give-up': 'End the run as failed' };

  return (
    <div className={form.stack}>
      {open === undefined ? (
        <div className={form.row}>
          <button type="button" className={form.primary} disabled={act.isPending} onClick={() => act.mutate('retry')}>
            Try again
          </button>
          <button type="button" onClick={() => begin('args', JSON.stringify(stuck.args, null, 2))}>
            Try with other arguments…
          </button>
          <button type="button" disabled={act.isPending} onClick={() => act.mutate('skip')}>
            Skip
          </button>
          <button type="button" onClick={() => begin('output')}>
            Complete by hand…
          </button>
          <button type="button" onClick={() => begin('give-up')}>
            Give up the run…
          </button>
        </div>
      ) : (
        <form
          className={form.stack}
          onSubmit={(event) => {
            event.preventDefault();
            act.mutate(open, { onSuccess: () => setOpen(undefined) });
          }}
        >
          {open !== 'give-up' && (
            <ToolValueEditor
              key={open}
              tool={stuck.tool}
              side={open === 'args' ? 'input' : 'output'}
              label={open === 'args' ? 'Arguments' : 'Output, as the tool would give it'}
              text={text}
              change={setText}
              tell={setFault}
            />
          )}
          <label htmlFor={`${id}-why`}>Why (for the timeline; may be empty)</label>
          <input id={`${id}-why`} value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
          <div className={form.row}>
            <button type="submit" className={open === 'give-up' ? form.armed : form.primary} disabled={isOff}>
              {says[open]}
            </button>
            <button type="button" onClick={() => setOpen(undefined)}>
              Back
            </button>
          </div>
        </form>
      )}
      {act.error && <Problem error={act.error} />}
    </div>
  );
}
