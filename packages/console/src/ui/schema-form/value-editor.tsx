import { Component, useEffect, useId, useMemo, useState, type ReactNode } from 'react';
import form from '../form.module.css';
import { isObject, parsed } from '../json-text';
import { Skeleton } from '../states';
import { visible } from '../visible-text';
import { placeWords, referencesIn, textOf } from './json-values';
import styles from './value-editor.module.css';

type Parts = typeof import('./schema-form');
type Mode = 'form' | 'json';

/** Begun once, when the first value is edited: most people who look at what waits edit nothing. */
let parts: Promise<Parts | undefined> | undefined;
const load = (): Promise<Parts | undefined> =>
  (parts ??= import('./schema-form').catch(() => {
    parts = undefined;
    return undefined;
  }));

/** The code of forms; undefined while it comes, `null` where it does not come. */
function useParts(isWanted: boolean): Parts | null | undefined {
  const [found, setFound] = useState<Parts | null>();
  useEffect(() => {
    let isShown = isWanted;
    if (isWanted) void load().then((all) => isShown && setFound(all ?? null));
    return () => void (isShown = false);
  }, [isWanted]);
  return found;
}

/** A schema that no form can be made of is no reason to lose what is being edited. */
class Fallible extends Component<{ readonly fail: () => void; readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };
  static getDerivedStateFromError = () => ({ hasFailed: true });
  override componentDidCatch(): void {
    this.props.fail();
  }
  override render(): ReactNode {
    return this.state.hasFailed ? null : this.props.children;
  }
}

interface Told {
  /** Why there can be no form of the value; undefined where there can. */
  readonly noForm?: string;
  /** Why it begins with JSON. */
  readonly wrong?: string;
  /** What is to be put right, in short; undefined where the form is filled in. */
  readonly open?: string;
}

const MOST_NAMED = 3;

function told(all: Parts | null | undefined, schema: unknown, text: string): Told {
  const { value, fault } = parsed(text);
  if (fault !== undefined) return { noForm: 'It cannot be a form while it is not JSON.' };
  const references = referencesIn(value).slice(0, MOST_NAMED).map(placeWords);
  if (references.length > 0)
    return { noForm: `A form cannot show parts of other steps' outputs (${references.join(', ')}): it is edited as JSON.` };
  if (all === null) return { noForm: 'The form could not be loaded: it is edited as JSON.' };
  const faults = all?.faultsOf(schema, value) ?? [];
  if (faults.length === 0) return {};
  const named = faults.slice(0, MOST_NAMED).map(({ place, message }) => `${place.length === 0 ? '' : `${placeWords(place)}: `}${message}`);
  const wrong = `It does not fit what the tool takes. ${named.join(' ')}`;
  const open =
    faults.length === 1 ? 'A field is to be filled in or put right.' : `${faults.length} fields are to be filled in or put right.`;
  return faults.some(({ isForeign }) => isForeign)
    ? { noForm: `${wrong} A form has no field for that: it is edited as JSON.`, wrong, open }
    : { wrong, open };
}

interface Props {
  /** What is edited: "Arguments". */
  readonly label: string;
  /** JSON Schema of the value; undefined where none is known, and only the text can be edited. */
  readonly schema: unknown;
  readonly text: string;
  readonly change: (text: string) => void;
  /** Called with what keeps the text from being sent, and with undefined when nothing does. */
  readonly tell: (fault: string | undefined) => void;
  /** Whether there was no value before: that something is missing is no fault of it then. */
  readonly isNew?: boolean;
  /** Whether it must be an object. */
  readonly isArguments?: boolean;
}

/** A value as fields or as JSON; the text is the one truth of both. */
export function ValueEditor({ label, schema, text, change, tell, isNew = false, isArguments = false }: Props) {
  const id = useId();
  const usable = isObject(schema) ? schema : undefined;
  const all = useParts(usable !== undefined);
  const [chosen, setChosen] = useState<Mode>();
  const [hasFailed, setFailed] = useState(false);
  const isLoading = usable !== undefined && all === undefined;
  const about = useMemo(() => told(all, usable, text), [all, usable, text]);
  // Until somebody chooses, by what the value was at first: it must not become another editor under their hands.
  const [begun, setBegun] = useState<{ readonly mode: Mode; readonly why: string | undefined }>();
  if (!isLoading && begun === undefined) {
    const why = about.noForm ?? (isNew ? undefined : about.wrong);
    setBegun({ mode: usable === undefined || why !== undefined ? 'json' : 'form', why });
  }
  const noForm =
    usable === undefined ? undefined : hasFailed ? 'No form can be made of what the tool says: it is edited as JSON.' : about.noForm;
  const wanted = chosen ?? begun?.mode ?? 'json';
  // In the form, what it has made is never refused.
  const mode: Mode = wanted === 'form' && !hasFailed ? 'form' : 'json';
  const { value, fault } = parsed(text);
  const wrong = fault ?? (isArguments && !isObject(value) ? 'Arguments are an object.' : undefined);
  const keeps = isLoading ? 'The form is being loaded.' : (wrong ?? (mode === 'form' ? about.open : undefined));
  useEffect(() => tell(keeps), [tell, keeps]);
  if (isLoading) return <Skeleton shape="line" />;
  const why = noForm ?? (chosen === undefined ? begun?.why : undefined);
  return (
    <div className={form.stack}>
      {usable !== undefined && (
        <fieldset className={styles.modes}>
          <legend>{label}</legend>
          {(['form', 'json'] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name={`${id}-mode`}
                checked={mode === one}
                disabled={one === 'form' && mode === 'json' && noForm !== undefined}
                aria-describedby={one === 'form' && mode === 'json' && why !== undefined ? `${id}-why` : undefined}
                onChange={() => setChosen(one)}
              />
              {one === 'form' ? 'Form' : 'JSON'}
            </label>
          ))}
        </fieldset>
      )}
      {mode === 'json' && why !== undefined && (
        <small id={`${id}-why`} role="status">
          {visible(why)}
        </small>
      )}
      {mode === 'form' && all && usable ? (
        <Fallible fail={() => setFailed(true)}>
          <all.SchemaForm name={label} schema={usable} initial={value} change={(next) => change(textOf(next))} />
        </Fallible>
      ) : (
        <>
          <label htmlFor={`${id}-text`}>{label} (JSON)</label>
          <textarea
            id={`${id}-text`}
            className={form.json}
            rows={Math.min(16, text.split('\n').length + 1)}
            spellCheck={false}
            value={text}
            aria-invalid={wrong !== undefined}
            aria-describedby={wrong === undefined ? undefined : `${id}-fault`}
            onChange={({ target }) => change(target.value)}
          />
          {wrong !== undefined && (
            <small id={`${id}-fault`} role="status">
              {visible(wrong)}
            </small>
          )}
        </>
      )}
    </div>
  );
}
