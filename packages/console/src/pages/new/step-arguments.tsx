import { useCallback, useEffect, useId, useState } from 'react';
import form from '../../ui/form.module.css';
import { isObject, parsed } from '../../ui/json-text';
import { textOf } from '../../ui/schema-form/json-values';
import { ToolValueEditor } from '../../ui/schema-form/tool-value-editor';
import { visible } from '../../ui/visible-text';

/** The steps of a plan's text, as far as they are any; which of them a plan may have is the engine's to say. */
const stepsOf = (plan: unknown): readonly Readonly<Record<string, unknown>>[] =>
  isObject(plan) && Array.isArray(plan['steps']) ? plan['steps'].map((step) => (isObject(step) ? step : {})) : [];

/** The plan's text with other arguments of a step. */
export function withArguments(plan: string, index: number, args: unknown): string {
  const { value } = parsed(plan);
  const steps = stepsOf(value).map((step, at) => (at === index ? { ...step, args } : step));
  return textOf({ ...(isObject(value) ? value : {}), steps });
}

interface Editing {
  readonly index: number;
  readonly text: string;
  /** The plan as it was made here: one that is another was changed in its own field, and this is about it no more. */
  readonly plan: string;
}

interface Props {
  readonly plan: string;
  readonly change: (plan: string) => void;
  /** Called with what keeps the plan from being asked about. */
  readonly tell: (fault: string | undefined) => void;
}

/** The arguments of one step of a plan, by the schema of its tool. */
export function StepArguments({ plan, change, tell }: Props) {
  const id = useId();
  const [begun, setBegun] = useState<Editing>();
  const editing = begun?.plan === plan ? begun : undefined;
  const steps = stepsOf(parsed(plan).value);
  const step = editing && steps[editing.index];
  const isOpen = step !== undefined;
  useEffect(() => {
    if (!isOpen) tell(undefined);
    return () => tell(undefined);
  }, [isOpen, tell]);
  const nameOf = (index: number): string => {
    const { name, key } = steps[index] ?? {};
    return visible(typeof name === 'string' ? name : typeof key === 'string' ? key : `step ${index + 1}`);
  };
  const edit = useCallback(
    (text: string): void => {
      if (editing === undefined) return;
      const { value, fault } = parsed(text);
      const next = fault === undefined ? withArguments(plan, editing.index, value) : plan;
      setBegun({ ...editing, text, plan: next });
      if (next !== plan) change(next);
    },
    [editing, plan, change],
  );
  if (steps.length === 0) return null;
  return (
    <>
      <label htmlFor={id}>Fill in the arguments of</label>
      <select
        id={id}
        value={editing ? String(editing.index) : ''}
        onChange={({ target: { value } }) => {
          const index = Number(value);
          setBegun(value === '' ? undefined : { index, text: textOf(steps[index]?.['args'] ?? {}), plan });
        }}
      >
        <option value="">Choose a step…</option>
        {steps.map((_, index) => (
          <option key={index} value={index}>
            {nameOf(index)}
          </option>
        ))}
      </select>
      {editing && step && (
        <div className={form.stack}>
          <ToolValueEditor
            key={editing.index}
            tool={typeof step['tool'] === 'string' ? step['tool'] : ''}
            side="input"
            label={`Arguments of ${nameOf(editing.index)}`}
            text={editing.text}
            change={edit}
            tell={tell}
          />
        </div>
      )}
    </>
  );
}
