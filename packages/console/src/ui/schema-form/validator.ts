import type { ErrorSchema, RJSFSchema, ValidatorType } from '@rjsf/utils';
import { faultsOf, fits, type Fault } from './faults';

/** Errors as the form's library wants them: each under the members that lead to it. */
export function errorTree(faults: readonly Fault[]): ErrorSchema {
  interface Node {
    __errors?: string[];
    [member: string]: Node | string[] | undefined;
  }
  const root: Node = {};
  for (const { place, message } of faults) {
    let at = root;
    for (const token of place) {
      // A member of that name would hide the errors of what it is in.
      if (token === '__errors' || token === '__proto__') break;
      at = (Object.hasOwn(at, token) ? at[token] : (at[token] = {})) as Node;
    }
    (at.__errors ??= []).push(message);
  }
  return root as ErrorSchema;
}

const errorsOf = (faults: readonly Fault[]) =>
  faults.map(({ place, message }) => {
    const property = place.map((token) => `.${token}`).join('');
    return { property, message, stack: `${property} ${message}`.trim() };
  });

/** Lets the form's library check with a validator that needs no `eval`. */
export const validator: ValidatorType<unknown, RJSFSchema> = {
  validateFormData: (value, schema) => {
    const faults = faultsOf(schema, value);
    return { errors: errorsOf(faults), errorSchema: errorTree(faults) };
  },
  isValid: (schema, value, root) => fits(schema, value, root),
  rawValidation: <Result>(schema: RJSFSchema, value: unknown) => ({ errors: errorsOf(faultsOf(schema, value)) as Result[] }),
};
