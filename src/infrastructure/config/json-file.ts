import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';

/**
 * What a JSON file of the configuration says.
 * @param variable what named the file
 * @throws ConfigurationError in one line, with the place in the file where there is one
 */
export function readJsonFile<S extends z.ZodType>(file: string, variable: string, schema: S): z.output<S> {
  const refuse = (why: string): never => {
    throw new ConfigurationError(`${variable} names ${file}: ${why}`);
  };
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (fault) {
    refuse(`it cannot be read (${(fault as NodeJS.ErrnoException).code}).`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (fault) {
    refuse(`it is not JSON (${(fault as Error).message.split('\n')[0]}).`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(`/${issue!.path.map(String).join('/')}: ${issue!.message}.`);
}
