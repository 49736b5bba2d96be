import { InvalidArgumentError } from 'commander';

/** An id given on the command line. @throws InvalidArgumentError */
export const idArgument = (text: string): number => {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < 1 || value > Number.MAX_SAFE_INTEGER)
    throw new InvalidArgumentError(`it takes a whole number from 1 to ${Number.MAX_SAFE_INTEGER}.`);
  return value;
};

/** JSON given on the command line. @throws InvalidArgumentError */
export const jsonArgument = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`it takes JSON (${(error as SyntaxError).message}).`);
  }
};

/** The address of an engine. @throws Error in one line */
export const httpUrl = (text: string): string => {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  // Not an InvalidArgumentError, which prints what was given: a password may be in it. `fetch` takes none.
  if (!url || url.username + url.password + url.search + url.hash !== '' || text.includes('@'))
    throw new Error('--url takes an address such as http://127.0.0.1:8000, without user, password and parameters.');
  return text.replace(/\/+$/, '');
};

export const portArgument = (text: string): number => {
  if (!/^[0-9]+$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('it takes a whole number from 0 to 65535.');
  return Number(text);
};
