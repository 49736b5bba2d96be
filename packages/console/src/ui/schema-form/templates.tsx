import {
  ADDITIONAL_PROPERTY_FLAG,
  canExpand,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  type CyclicSchemaExpandProps,
  type FieldErrorProps,
  type FieldPathId,
  type FieldTemplateProps,
  type MultiSchemaFieldTemplateProps,
  type ObjectFieldTemplateProps,
  type OptionalDataControlsTemplateProps,
  type TemplatesType,
  type WrapIfAdditionalTemplateProps,
} from '@rjsf/utils';
import type { ReactNode } from 'react';
import { visible, Words } from '../visible-text';
import styles from './schema-form.module.css';
import { descriptionId, errorId } from './widgets';

/** Items of a list have no names of their own: they are counted, as their buttons count them. */
const nameIn = ({ path }: FieldPathId, name: string): string => {
  const last = path.at(-1);
  return typeof last === 'number' ? `Item ${last + 1}` : name;
};

/** An item is there or not: that it must be filled in once it is there goes without saying. */
const Mark = ({ required, at: { path } }: { readonly required?: boolean | undefined; readonly at: FieldPathId }) =>
  required === true && typeof path.at(-1) !== 'number' ? (
    <span className={styles.required} aria-hidden="true">
      {' '}
      *
    </span>
  ) : null;

function Wrap({ id, label, schema, onKeyRenameBlur, onRemoveProperty, children }: WrapIfAdditionalTemplateProps) {
  if (!(ADDITIONAL_PROPERTY_FLAG in schema)) return <div className={styles.field}>{children}</div>;
  return (
    <div className={styles.additional}>
      <div className={styles.field}>
        <label htmlFor={`${id}--key`}>Name</label>
        <input id={`${id}--key`} key={label} defaultValue={label} onBlur={onKeyRenameBlur} />
      </div>
      <div className={styles.field}>{children}</div>
      <button type="button" onClick={onRemoveProperty}>
        Remove {visible(label)}
      </button>
    </div>
  );
}

/** Texts of the schema are shown as texts, whatever is in them. */
function Field(props: FieldTemplateProps) {
  const { id, label, displayLabel, required, rawDescription, hidden, children, errors } = props;
  if (hidden === true) return null;
  return (
    <Wrap {...props}>
      {displayLabel === true && (
        <label htmlFor={id}>
          <Words>{nameIn(props.fieldPathId, label)}</Words>
          <Mark required={required} at={props.fieldPathId} />
        </label>
      )}
      {displayLabel === true && rawDescription !== undefined && rawDescription !== '' && (
        <small id={descriptionId(id)}>
          <Words>{rawDescription}</Words>
        </small>
      )}
      {children}
      {errors}
    </Wrap>
  );
}

const Errors = ({ errors = [], fieldPathId: { $id: id } }: FieldErrorProps) =>
  errors.length === 0 ? null : (
    <ul id={errorId(id)} className={styles.errors}>
      {errors.map((error, index) => (
        <li key={index}>{typeof error === 'string' ? visible(error) : error}</li>
      ))}
    </ul>
  );

interface GroupProps {
  readonly at: FieldPathId;
  readonly title: string | undefined;
  readonly required?: boolean | undefined;
  readonly description: unknown;
  readonly hasErrors: boolean;
  readonly children: ReactNode;
}

/** Fields that belong together. The outermost has its name from the form. */
function Group({ at, title, required, description, hasErrors, children }: GroupProps) {
  const { $id: id, path } = at;
  const isDescribed = typeof description === 'string' && description !== '';
  const about = [...(isDescribed ? [descriptionId(id)] : []), ...(hasErrors ? [errorId(id)] : [])];
  const inside = (
    <>
      {isDescribed && (
        <small id={descriptionId(id)}>
          <Words>{description}</Words>
        </small>
      )}
      {children}
    </>
  );
  if (path.length === 0) {
    return (
      <div id={id} tabIndex={-1} className={styles.group}>
        {inside}
      </div>
    );
  }
  return (
    // It can be given the focus, so that an error of the group as a whole can be gone to.
    <fieldset id={id} tabIndex={-1} className={styles.nested} aria-describedby={about.length === 0 ? undefined : about.join(' ')}>
      <legend>
        <Words>{nameIn(at, title ?? '')}</Words>
        <Mark required={required} at={at} />
      </legend>
      <div className={styles.group}>{inside}</div>
    </fieldset>
  );
}

function ObjectGroup(props: ObjectFieldTemplateProps) {
  const { fieldPathId, title, required, description, schema, uiSchema, properties, optionalDataControl, onAddProperty, errorSchema } =
    props;
  const isChoice = (schema.oneOf ?? schema.anyOf) !== undefined && schema.properties === undefined && properties.length === 0;
  if (isChoice) return null;
  return (
    <Group
      at={fieldPathId}
      title={title}
      required={required}
      description={description ?? schema.description}
      hasErrors={(errorSchema?.__errors ?? []).length > 0}
    >
      {optionalDataControl}
      {properties.map(({ content }) => content)}
      {canExpand(schema, uiSchema, props.formData) && (
        <div>
          <button type="button" onClick={onAddProperty}>
            Add a member
          </button>
        </div>
      )}
    </Group>
  );
}

function List(props: ArrayFieldTemplateProps) {
  const { fieldPathId, title, required, schema, items, canAdd, onAddClick, optionalDataControl, rawErrors = [] } = props;
  return (
    <Group at={fieldPathId} title={title} required={required} description={schema.description} hasErrors={rawErrors.length > 0}>
      {optionalDataControl}
      {items.length > 0 && <ol className={styles.items}>{items}</ol>}
      {canAdd && (
        <div>
          <button type="button" onClick={onAddClick}>
            Add to {visible(nameIn(fieldPathId, title))}
          </button>
        </div>
      )}
    </Group>
  );
}

/** The button that is pressed goes, or the item under it is another one: the focus goes to the list. */
const focusListOf = (button: HTMLElement): void => button.closest('ol')?.parentElement?.closest<HTMLElement>('[tabindex="-1"]')?.focus();

function Item({ children, index, buttonsProps }: ArrayFieldItemTemplateProps) {
  const { hasMoveUp, hasMoveDown, hasRemove, onMoveUpItem, onMoveDownItem, onRemoveItem } = buttonsProps;
  return (
    <li className={styles.item}>
      {children}
      <div className={styles.buttons}>
        {hasMoveUp && (
          <button type="button" aria-label={`Move item ${index + 1} up`} onClick={onMoveUpItem}>
            Up
          </button>
        )}
        {hasMoveDown && (
          <button type="button" aria-label={`Move item ${index + 1} down`} onClick={onMoveDownItem}>
            Down
          </button>
        )}
        {hasRemove && (
          <button
            type="button"
            aria-label={`Remove item ${index + 1}`}
            onClick={(event) => {
              focusListOf(event.currentTarget);
              onRemoveItem(event);
            }}
          >
            Remove
          </button>
        )}
      </div>
    </li>
  );
}

const Kinds = ({ selector, optionSchemaField }: MultiSchemaFieldTemplateProps) => (
  <div className={styles.group}>
    {selector}
    {optionSchemaField}
  </div>
);

/** One button for both, so that it keeps the focus. */
const OptionalPart = ({ id, onAddClick, onRemoveClick }: OptionalDataControlsTemplateProps) => (
  <div>
    <button type="button" id={id} onClick={onAddClick ?? onRemoveClick}>
      {onAddClick ? 'Say this too' : 'Leave it unsaid'}
    </button>
  </div>
);

const Deeper = ({ name, fieldPathId, onExpand }: CyclicSchemaExpandProps) => (
  <div>
    <button type="button" onClick={() => onExpand(fieldPathId.$id)}>
      Show {visible(name)}
    </button>
  </div>
);

const NoField = () => <small>There is no field for this: edit it as JSON.</small>;
const Nothing = () => null;

export const templates: Partial<Omit<TemplatesType, 'ButtonTemplates'>> = {
  FieldTemplate: Field,
  FieldErrorTemplate: Errors,
  FieldHelpTemplate: Nothing,
  ErrorListTemplate: Nothing,
  ObjectFieldTemplate: ObjectGroup,
  ArrayFieldTemplate: List,
  ArrayFieldItemTemplate: Item,
  MultiSchemaFieldTemplate: Kinds,
  OptionalDataControlsTemplate: OptionalPart,
  CyclicSchemaExpandTemplate: Deeper,
  UnsupportedFieldTemplate: NoField,
  WrapIfAdditionalTemplate: Wrap,
};
