import type { Planner, PlanningResult } from '../../../application/ports/planner.js';
import { normalised, understand } from './clauses.js';
import { PlanDraft } from './plan-draft.js';
import { RULES } from './rules.js';

const MAX_QUOTE_LENGTH = 120;

const CAN = `I can plan wishes such as: ${RULES.map(({ example }) => `"${example}"`).join('; ')}; and combinations of them.`;

const noPlan = (code: string, reason: string): PlanningResult => ({ kind: 'no-plan', code, reason });

const quoted = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return `"${characters.length > MAX_QUOTE_LENGTH ? `${characters.slice(0, MAX_QUOTE_LENGTH).join('')}…` : line}"`;
};

/** The same intent always gives the same answer. */
function planByRules(intent: string): PlanningResult {
  const text = normalised(intent);
  const { readings, unexplained } = understand(text, RULES);
  if (readings.length === 0) return noPlan('planner.not-understood', `I do not understand ${quoted(text)}. ${CAN}`);
  if (unexplained.length > 0) {
    const parts = unexplained.map(quoted).join(' and ');
    return noPlan('planner.partly-understood', `I do not understand ${parts}, so I have planned nothing. ${CAN}`);
  }
  const draft = new PlanDraft();
  for (const reading of readings) {
    if (reading.kind === 'refused') return noPlan(reading.code, reading.reason);
    reading.addTo(draft);
  }
  return { kind: 'plan', plan: { steps: draft.steps } };
}

/** Plans by rules, without a model: an intent is planned entirely or not at all, and the same one always in the same way. */
export class RuleBasedPlanner implements Planner {
  readonly name = 'rule-based';

  plan(intent: string): Promise<PlanningResult> {
    return Promise.resolve(planByRules(intent));
  }
}
