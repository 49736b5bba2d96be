import type { Planner, PlanningRequest, PlanningResult } from '../../../application/ports/planner.js';
import { understand } from './clauses.js';
import { normalised } from './normalised.js';
import { PlanDraft } from './plan-draft.js';
import { QuotedText } from './quotes.js';
import { restrictionIn } from './restrictions.js';
import { RULES } from './rules.js';

const MAX_QUOTE_LENGTH = 120;

const CAN = `I can plan wishes such as: ${RULES.map(({ example }) => `"${example}"`).join('; ')}; and combinations of them.`;

const noPlan = (code: string, reason: string): PlanningResult => ({ kind: 'no-plan', code, reason });

const quoted = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return `"${characters.length > MAX_QUOTE_LENGTH ? `${characters.slice(0, MAX_QUOTE_LENGTH).join('')}…` : line}"`;
};

/** The same request always gives the same answer. */
function planByRules({ intent, timeZone, submittedAt }: PlanningRequest): PlanningResult {
  const quotes = new QuotedText(normalised(intent));
  const asWritten = (text: string): string => quoted(quotes.written(text));
  const restriction = restrictionIn(quotes.text);
  if (restriction) {
    const { code, words, explanation } = restriction;
    return noPlan(
      code,
      `I have planned nothing: ${asWritten(words)} ${explanation}. Say only what is to be done; text of your own goes in double quotes.`,
    );
  }
  const { wishes, unexplained } = understand(quotes.text, RULES, { instant: Date.parse(submittedAt), timeZone });
  if (wishes.length === 0) return noPlan('planner.not-understood', `I do not understand ${asWritten(quotes.text)}. ${CAN}`);
  if (unexplained.length > 0) {
    const parts = unexplained.map(asWritten).join(' and ');
    return noPlan('planner.partly-understood', `I do not understand ${parts}, so I have planned nothing. ${CAN}`);
  }
  const draft = new PlanDraft((text) => quotes.meant(text));
  for (const { reading, inOrder } of wishes) {
    if (reading.kind === 'refused') return noPlan(reading.code, quotes.written(reading.reason));
    if (inOrder) draft.thenOnly();
    reading.addTo(draft);
  }
  return { kind: 'plan', plan: { steps: draft.steps } };
}

/** Plans by rules, without a model: an intent is planned entirely or not at all, and the same one always in the same way. */
export class RuleBasedPlanner implements Planner {
  readonly name = 'rule-based';

  plan(request: PlanningRequest): Promise<PlanningResult> {
    return Promise.resolve(planByRules(request));
  }
}
