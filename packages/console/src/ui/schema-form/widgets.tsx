import type { RegistryWidgetsType, WidgetProps } from '@rjsf/utils';
import { useState } from 'react';
import { TIME_ZONE } from '../../api/period';
import { visible, Words } from '../visible-text';
import { instantOf, localOf } from './local-times';
import styles from './schema-form.module.css';

export const errorId = (id: string): string => `${id}--error`;
export const descriptionId = (id: string): string => `${id}--description`;

/** A text that may be longer than this is written in several lines. */
const LONG = 200;
/** One that is there already and longer than this. */
const LONG_VALUE = 80;

/** Which of the texts about a field are there to be told with it. */
function described({ id, schema, rawErrors = [] }: WidgetProps): string | undefined {
  const ids = [
    ...(typeof schema.description === 'string' && schema.description !== '' ? [descriptionId(id)] : []),
    ...(rawErrors.length > 0 ? [errorId(id)] : []),
  ];
  return ids.length === 0 ? undefined : ids.join(' ');
}

const common = (props: WidgetProps) => ({
  id: props.id,
  disabled: props.disabled === true || props.readonly === true,
  'aria-required': props.required === true,
  'aria-invalid': (props.rawErrors ?? []).length > 0,
  'aria-describedby': described(props),
  ...(props.hideLabel === true && { 'aria-label': visible(props.label) }),
  onBlur: () => props.onBlur(props.id, props.value),
});

const shown = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** What the tool takes where nothing is said. */
const withoutIt = ({ schema }: WidgetProps): string | undefined =>
  schema.default === undefined || schema.default === '' ? undefined : `without it: ${visible(shown(schema.default))}`;

/** Where nothing is required, an empty field is one that says nothing. */
const textFrom = (text: string, { required }: WidgetProps): string | undefined => (text === '' && required !== true ? undefined : text);

function One(props: WidgetProps) {
  const { schema, onChange } = props;
  const value: unknown = props.value;
  const isNumber = schema.type === 'number' || schema.type === 'integer';
  return (
    <input
      {...common(props)}
      // The browser's own checks and spinners are left out: errors are told in one way, and wheels change no number.
      type="text"
      inputMode={schema.type === 'integer' ? 'numeric' : isNumber ? 'decimal' : schema.format === 'email' ? 'email' : 'text'}
      autoComplete="off"
      spellCheck={schema.format === undefined && !isNumber}
      placeholder={withoutIt(props)}
      value={shown(value)}
      onChange={({ target }) => onChange(isNumber && target.value.trim() === '' ? undefined : textFrom(target.value, props))}
    />
  );
}

function Several(props: WidgetProps) {
  const text = shown(props.value);
  return (
    <textarea
      {...common(props)}
      rows={Math.min(16, Math.max(3, text.split('\n').length + 1, Math.ceil(text.length / 80)))}
      placeholder={withoutIt(props)}
      value={text}
      onChange={({ target }) => props.onChange(textFrom(target.value, props))}
    />
  );
}

function Text(props: WidgetProps) {
  const { schema } = props;
  const value: unknown = props.value;
  const text = shown(value);
  // As it was at first: a field that became another one would lose the focus.
  const [isLong] = useState(
    () => ((schema.maxLength ?? 0) > LONG && schema.format === undefined) || text.length > LONG_VALUE || text.includes('\n'),
  );
  if (schema.const !== undefined)
    return <Choice {...props} options={{ enumOptions: [{ value: schema.const, label: shown(schema.const) }] }} />;
  return isLong && schema.type !== 'number' && schema.type !== 'integer' ? <Several {...props} /> : <One {...props} />;
}

function Choice(props: WidgetProps) {
  const { options, onChange, schema } = props;
  const value: unknown = props.value;
  const all = options.enumOptions ?? [];
  const same = all.findIndex((one) => JSON.stringify(one.value) === JSON.stringify(value));
  return (
    <select
      {...common(props)}
      value={same === -1 ? '' : String(same)}
      onChange={({ target }) => onChange(target.value === '' ? undefined : all[Number(target.value)]?.value)}
    >
      {(same === -1 || props.required !== true) && (
        <option value="">{schema.default === undefined || typeof value === 'number' ? '–' : withoutIt(props)}</option>
      )}
      {all.map((one, index) => (
        <option key={index} value={index}>
          {visible(one.label)}
        </option>
      ))}
    </select>
  );
}

/** Several of a list of values: a box for each. */
function Choices(props: WidgetProps) {
  const { id, options, onChange } = props;
  const chosen: readonly unknown[] = Array.isArray(props.value) ? props.value : [];
  const isChosen = (value: unknown): boolean => chosen.some((one) => JSON.stringify(one) === JSON.stringify(value));
  return (
    <div role="group" id={id} tabIndex={-1} aria-label={visible(props.label)} aria-describedby={described(props)}>
      {(options.enumOptions ?? []).map((one, index) => (
        <label key={index} className={styles.check}>
          <input
            type="checkbox"
            checked={isChosen(one.value)}
            onChange={({ target }) => {
              const value: unknown = one.value;
              const others = chosen.filter((other) => JSON.stringify(other) !== JSON.stringify(value));
              onChange(target.checked ? [...others, value] : others);
            }}
          />
          <Words>{one.label}</Words>
        </label>
      ))}
    </div>
  );
}

/** A box that is ticked or not; where saying nothing means something else than no, a choice of three. */
function YesOrNo(props: WidgetProps) {
  const { id, label, schema, required, onChange } = props;
  const value: unknown = props.value;
  const description = typeof schema.description === 'string' && schema.description !== '' && (
    <small id={descriptionId(id)}>
      <Words>{schema.description}</Words>
    </small>
  );
  // As it was at first. An empty box in a new item of a list would look like a "no" that nobody has said.
  const [isUnsaid] = useState(value === undefined);
  if (schema.default === undefined && (required !== true || isUnsaid)) {
    return (
      <>
        <label htmlFor={id}>
          <Words>{label}</Words>
        </label>
        {description}
        <select
          {...common({ ...props, hideLabel: false })}
          value={typeof value === 'boolean' ? String(value) : ''}
          onChange={({ target }) => onChange(target.value === '' ? undefined : target.value === 'true')}
        >
          <option value="">–</option>
          <option value="true">Yes</option>
          <option value="false">No</option>
        </select>
      </>
    );
  }
  return (
    <>
      <label className={styles.check}>
        <input
          {...common({ ...props, hideLabel: false })}
          type="checkbox"
          checked={value === undefined ? schema.default === true : value === true}
          onChange={({ target }) => onChange(target.checked)}
        />
        <Words>{label}</Words>
      </label>
      {description}
    </>
  );
}

/** A time of the wall clock here. One that would not come back the same stays the text that it is. */
function Moment(props: WidgetProps) {
  const { onChange } = props;
  const value: unknown = props.value;
  const [isClock] = useState(() => value === undefined || (typeof value === 'string' && localOf(value) !== undefined));
  if (!isClock) return <One {...props} />;
  return (
    <>
      <input
        {...common(props)}
        type="datetime-local"
        step={1}
        value={typeof value === 'string' ? (localOf(value) ?? '') : ''}
        onChange={({ target }) => onChange(instantOf(target.value))}
      />
      <small>In the time of {TIME_ZONE}.</small>
    </>
  );
}

function Day(props: WidgetProps) {
  const { onChange } = props;
  const value: unknown = props.value;
  const [isDay] = useState(() => value === undefined || (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)));
  if (!isDay) return <One {...props} />;
  return (
    <input
      {...common(props)}
      type="date"
      value={shown(value)}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
    />
  );
}

const Nothing = () => null;

/** In the place of all that the library has, which are styled and told in its own way. */
export const widgets: RegistryWidgetsType = {
  TextWidget: Text,
  TextareaWidget: Text,
  EmailWidget: Text,
  URLWidget: Text,
  PasswordWidget: Text,
  ColorWidget: Text,
  FileWidget: Text,
  TimeWidget: Text,
  UpDownWidget: Text,
  RangeWidget: Text,
  RatingWidget: Text,
  SelectWidget: (props: WidgetProps) => (props.multiple === true ? <Choices {...props} /> : <Choice {...props} />),
  RadioWidget: Choice,
  CheckboxesWidget: Choices,
  CheckboxWidget: YesOrNo,
  DateWidget: Day,
  DateTimeWidget: Moment,
  AltDateWidget: Day,
  AltDateTimeWidget: Moment,
  HiddenWidget: Nothing,
};
