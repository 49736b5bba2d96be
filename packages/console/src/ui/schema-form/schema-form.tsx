// Not by the package's entry: it takes a test's registry with it, and that a validator which needs `eval`.
import Form, { type FormProps } from '@rjsf/core/lib/components/Form.js';
import { useId, useMemo, useState } from 'react';
import { visible } from '../visible-text';
import { faultsOf, type Fault } from './faults';
import { placeWords, type Place } from './json-values';
import styles from './schema-form.module.css';
import { templates } from './templates';
import { errorTree, validator } from './validator';
import { widgets } from './widgets';

export { faultsOf };

const SEPARATOR = '/';

/** Nothing is put into a value that a person has not put there: what is sent is what they saw. */
const NO_DEFAULTS: NonNullable<FormProps['experimental_defaultFormStateBehavior']> = {
  emptyObjectFields: 'skipDefaults',
  arrayMinItems: { populate: 'never' },
  constAsDefaults: 'never',
};

const UI = { 'ui:globalOptions': { enableOptionalDataFieldForType: ['object' as const] }, 'ui:submitButtonOptions': { norender: true } };

interface Props {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
  /** What it begins with; afterwards the form has its own. */
  readonly initial: unknown;
  readonly change: (value: unknown) => void;
}

/** Puts the focus where a fault is, or where it would be if it were there. */
function goTo(root: string, place: Place): void {
  for (let length = place.length; length >= 0; length -= 1) {
    const found = document.getElementById([root, ...place.slice(0, length)].join(SEPARATOR));
    if (!found) continue;
    found.focus();
    return found.scrollIntoView({ block: 'nearest' });
  }
}

function Faults({ faults, goTo: go }: { readonly faults: readonly Fault[]; readonly goTo: (place: Place) => void }) {
  return (
    <div role="status" className={styles.faults}>
      {faults.length > 0 && (
        <>
          <p>
            {faults.length === 1 ? '1 place is to be filled in or put right:' : `${faults.length} places are to be filled in or put right:`}
          </p>
          <ul>
            {faults.map(({ place, message }) => (
              <li key={JSON.stringify([place, message])}>
                <button type="button" onClick={() => go(place)}>
                  {place.length === 0 ? 'All of it' : visible(placeWords(place))}
                </button>{' '}
                {visible(message)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** Fields made from a JSON Schema. What is wrong is told at its field, and once more below, from where one gets to it. */
export function SchemaForm({ name, schema, initial, change }: Props) {
  const id = useId();
  const [value, setValue] = useState(initial);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const faults = useMemo(() => faultsOf(schema, value), [schema, value]);
  // A field that nobody has been in is not told off for being empty; that it is still to be filled in is said below.
  const errors = useMemo(
    () => errorTree(faults.filter(({ place, isMissing }) => !isMissing || left.has([id, ...place].join(SEPARATOR)))),
    [faults, left, id],
  );
  return (
    <div role="group" aria-label={name} className={styles.form}>
      {Array.isArray(schema['required']) && schema['required'].length > 0 && (
        <small>
          <span className={styles.required}>*</span> must be filled in
        </small>
      )}
      <Form
        // It stands within a form that has more fields and the button.
        tagName="div"
        schema={schema}
        uiSchema={UI}
        formData={value}
        validator={validator}
        widgets={widgets}
        templates={templates}
        idPrefix={id}
        idSeparator={SEPARATOR}
        // They are there from the beginning; the library's own live validation tells nothing before the first change.
        extraErrors={errors}
        noHtml5Validate
        showErrorList={false}
        experimental_defaultFormStateBehavior={NO_DEFAULTS}
        onBlur={(field) => setLeft((all) => (all.has(field) ? all : new Set([...all, field])))}
        onChange={({ formData }) => {
          setValue(formData);
          change(formData);
        }}
      >
        <></>
      </Form>
      <Faults faults={faults} goTo={(place) => goTo(id, place)} />
    </div>
  );
}
