import { z } from 'zod';
import type { AlertRule } from '../../domain/alert/alert-rule.js';
import { duration } from './duration.js';
import { readJsonFile } from './json-file.js';

/** Rules of alerts at most: each is judged every few seconds. */
const MOST_RULES = 50;

const name = z.string().trim().min(1).max(100);

const rule = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('failure_rate'),
      name,
      window: duration,
      above: z.number().min(0).max(1),
      at_least: z.int().min(1).max(1_000_000).default(10),
      tool: z.exactOptional(z.string().min(1).max(200)),
    })
    .transform(({ window: windowMs, at_least: atLeast, ...more }): AlertRule => ({ ...more, windowMs, atLeast })),
  z
    .strictObject({ kind: z.literal('stuck_run'), name, longer_than: duration })
    .transform(({ longer_than: longerThanMs, ...more }): AlertRule => ({ ...more, longerThanMs })),
  z
    .strictObject({
      kind: z.literal('approval_backlog'),
      name,
      more_than: z.exactOptional(z.int().min(0).max(1_000_000)),
      older_than: z.exactOptional(duration),
    })
    .refine(({ more_than: count, older_than: age }) => count !== undefined || age !== undefined, 'needs more_than or older_than')
    .transform(({ more_than: moreThan, older_than: olderThanMs, ...more }): AlertRule => ({
      ...more,
      ...(moreThan === undefined ? {} : { moreThan }),
      ...(olderThanMs === undefined ? {} : { olderThanMs }),
    })),
  z
    .strictObject({ kind: z.literal('read_models_behind'), name, longer_than: duration })
    .transform(({ longer_than: longerThanMs, ...more }): AlertRule => ({ ...more, longerThanMs })),
]);

const rules = z
  .array(rule)
  .max(MOST_RULES)
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'two rules have one name');

/** The rules of alerts in a JSON file. @param variable what named the file @throws ConfigurationError in one line */
export const readAlertRules = (file: string, variable: string): readonly AlertRule[] => readJsonFile(file, variable, rules);
