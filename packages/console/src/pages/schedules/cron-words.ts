import cronstrue from 'cronstrue';

export const PRESETS = [
  ['0 8 * * *', 'Every day at 8'],
  ['0 8 * * 1-5', 'Every working day at 8'],
  ['0 8 * * 1', 'Every Monday at 8'],
  ['0 8 1 * *', 'On the first of each month at 8'],
  ['@hourly', 'Every hour'],
] as const;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
};

/** When it comes, as a sentence; undefined where it is no cron expression. */
export function cronWords(cron: string): string | undefined {
  const text = cron.trim();
  const fields = NICKNAMES[text.toLowerCase()] ?? text;
  if (fields.split(/\s+/).length !== 5) return undefined;
  try {
    return cronstrue.toString(fields, { use24HourTimeFormat: true });
  } catch {
    return undefined;
  }
}
