import type { JsonObject } from '../../../../domain/json.js';
import { moreThanContent } from '../free-text.js';
import { NUMBER, numberOf } from '../numbers.js';
import type { PlanDraft } from '../plan-draft.js';
import { needsQuotes } from '../refusals.js';
import { refused, Remainder, type Reading, type Rule } from '../rule.js';

/** Jobs of one kind. */
interface Wanted {
  /** Undefined where only "jobs" is said. */
  readonly count: number | undefined;
  readonly plural: boolean;
  readonly kind: string;
  readonly location: string | undefined;
  readonly remote: boolean;
}

type Goal = 'search' | 'tailor' | 'submit';

const APPLY = /^(?:apply|applying|(?:send|submit)\s+(?:an?\s+)?applications?)\s+(?:to|for|as)\s+(?<jobs>.+)$/i;
const FIND = /^(?:find|search(?:\s+for)?|look\s+for)(?:\s+me)?\s+(?<jobs>.+)$/i;
const FIND_ONLY = /^(?:find|search|look)$/i;
const THEM = '(?:it|them|that one|this one|both|each|all|all of them|each of them|the jobs?|each job|these)';
const APPLY_TO_THEM = new RegExp(`^apply(?:\\s+(?:to|for)\\s+${THEM})?$`, 'i');
const TAILOR_FOR_THEM = new RegExp(`^tailor\\s+(?:my|the|an?)\\s+(?:cvs?|resumes?|résumés?)(?:\\s+(?:to|for)\\s+${THEM})?$`, 'i');
const TO_APPLY = /\s+(?:to\s+apply\s+(?:to|for)|that\s+i\s+can\s+apply\s+(?:to|for))$/i;

const NOUN = /(?:^|\s)(?:job\s+)?(?<noun>jobs?|positions?|roles?|openings?|vacancy|vacancies|postings?|offers?)(?=\s|$)/i;
const ROLE = /\b(?:engineer|developer|designer|manager|analyst|scientist|tester|researcher|owner|programmer)(?<plural>s?)$/i;
const COUNT = new RegExp(`^(?:(?:the|up\\s+to|at\\s+least)\\s+)*(?<count>${NUMBER})(?=\\s|$)`, 'iu');
const UNCOUNTED = /^(?:some|several|a\s+few)(?=\s)/i;
const ALL = /^(?:all|every|any|as\s+many)\b/i;
const REMOTE = /(?:^|\s)(?:fully\s+)?remote(?:ly)?(?=\s|$)/i;
const PRAISE = /^(?:the\s+|my\s+)?(?:best|top|good|great|nice|suitable|matching|available|open)(?=\s|$)/i;
const PHRASE = /^(?<word>in|near|around|at|with|as|for)\s+(?:an?\s+)?(?<value>.+?)(?=\s+(?:in|near|around|at|with|as|for)\s|$)/i;
const PLAIN_WORDS = /^[\p{L}\p{M}\p{N}\ue000-\uf8ff][\p{L}\p{M}\p{N}\ue000-\uf8ff .+#'&/-]*$/u;

const MAX_COUNT = 20;
const MAX_WORDS = 6;
const MAX_LENGTH = 160;

const isReading = (wanted: Wanted | Reading): wanted is Reading =>
  typeof wanted.kind === 'string' && ('code' in wanted || 'addTo' in wanted);

/** Reads "3 remote data engineer positions in Berlin"; undefined where a word remains unexplained. */
function jobsIn(text: string, nounElsewhere: boolean): Wanted | Reading | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (ALL.test(text) && NOUN.test(text)) {
    return refused('planner.how-many', `How many jobs should it be? For example: "${applyToJobs.example}".`);
  }
  const rest = new Remainder(text.replace(/\s+for\s+me$/i, ''));
  const remote = rest.take(REMOTE) !== undefined;
  const countWords = rest.take(COUNT)?.groups?.['count'];
  if (countWords === undefined) rest.take(UNCOUNTED);
  rest.take(PRAISE);
  const wanted = rest.joined;
  const noun = NOUN.exec(wanted);
  const head = noun ? wanted.slice(0, noun.index).trim() : wanted.replace(/\s(?:in|near|around|at|with)\s.*$/i, '');
  let tail = wanted.slice(noun ? noun.index + noun[0].length : head.length).trim();
  const role = ROLE.exec(head);
  if (!noun && !role && !(nounElsewhere && head !== '')) return undefined;
  const words = [head.replace(/^(?:the|my|some|a|an)\s+/i, '')];
  let location: string | undefined;
  while (tail !== '') {
    const phrase = PHRASE.exec(tail);
    const value = phrase?.groups?.['value'];
    if (!phrase || value === undefined || /^(?:the|this|next|my)\b/i.test(value)) return undefined;
    if (/^(?:in|near|around)$/i.test(phrase.groups!['word']!)) {
      if (location !== undefined) return undefined;
      location = value;
    } else words.push(value);
    tail = tail.slice(phrase[0].length).trim();
  }
  const kind = words.filter(Boolean).join(' ');
  if (kind !== '' && (!PLAIN_WORDS.test(kind) || kind.split(' ').length > MAX_WORDS)) return undefined;
  if (location !== undefined && (!PLAIN_WORDS.test(location) || location.split(' ').length > MAX_WORDS)) return undefined;
  const strange = [kind, location ?? ''].flatMap((words) => moreThanContent(words));
  if (strange.length > 0) return needsQuotes(strange, 'a kind of job or a place', 'apply to 2 jobs at "Studio 54"');
  const plural = /s$/i.test(noun?.groups?.['noun'] ?? '') || role?.groups?.['plural'] === 's';
  return { count: countWords === undefined ? undefined : numberOf(countWords), plural, kind, location, remote };
}

/** A clause in its parts: what to look for, and how far to go with it. */
function wishOf(parts: readonly string[]): { readonly groups: readonly string[]; readonly goal: Goal } | undefined {
  const [first = '', ...others] = FIND_ONLY.test(parts[0] ?? '') && APPLY.test(parts[1] ?? '') ? parts.slice(1) : parts;
  const applied = APPLY.exec(first)?.groups?.['jobs'];
  const found = applied ?? FIND.exec(first)?.groups?.['jobs'];
  if (found === undefined) return undefined;
  let goal: Goal = applied === undefined ? 'search' : 'submit';
  const groups = [found];
  for (const part of others) {
    if (APPLY_TO_THEM.test(part)) goal = 'submit';
    else if (TAILOR_FOR_THEM.test(part)) goal = goal === 'submit' ? 'submit' : 'tailor';
    else if (goal === (applied === undefined ? 'search' : 'submit')) groups.push(part.replace(/^(?:to|for)\s+/i, ''));
    else return undefined;
  }
  const last = groups.at(-1)!;
  if (TO_APPLY.test(last)) return { groups: [...groups.slice(0, -1), last.replace(TO_APPLY, '')], goal: 'submit' };
  return { groups, goal };
}

/** How many are meant: "jobs" are two at least where each costs an application, and a handful where one only looks. */
const countOf = ({ count, plural }: Wanted, goal: Goal): number => count ?? (!plural ? 1 : goal === 'search' ? 5 : 2);

function addSteps(draft: PlanDraft, wanted: Wanted, goal: Goal, isOnly: boolean): void {
  const count = countOf(wanted, goal);
  const kind = wanted.kind === '' ? '' : `${wanted.kind} `;
  const query = wanted.kind === '' ? 'jobs' : wanted.kind;
  const where = wanted.location === undefined ? '' : ` in ${wanted.location}`;
  const args: JsonObject = {
    query,
    limit: count,
    ...(goal === 'search' && wanted.count === undefined ? {} : { at_least: count }),
    ...(wanted.location === undefined ? {} : { location: wanted.location }),
    ...(wanted.remote ? { remote: true } : {}),
  };
  const byDefault = wanted.count === undefined && wanted.plural ? ` (${count} by default)` : '';
  const name = `Search for ${wanted.remote ? 'remote ' : ''}${kind}jobs${where}${byDefault}`;
  const search = draft.add({ about: `search ${kind}jobs`, name, tool: 'job_search', args });
  if (goal === 'search') return;
  for (let index = 0; index < count; index++) {
    const job = { $from: search, path: `/jobs/${index}` };
    const single = isOnly && count === 1;
    const tailor = draft.add({
      about: `tailor cv ${kind}${index + 1}`,
      name: single ? 'Tailor CV to job' : `Tailor CV to ${kind}job ${index + 1}`,
      tool: 'cv_tailor',
      args: { job },
      dependsOn: [search],
    });
    if (goal === 'tailor') continue;
    const number = draft.nextSubmission();
    draft.add({
      about: `submit application ${number}`,
      name: single ? 'Submit job application' : `Submit job application ${number}`,
      tool: 'job_submit',
      args: { job, cv_markdown: { $from: tailor, path: '/markdown' } },
      dependsOn: [search, tailor],
    });
  }
}

export const applyToJobs: Rule = {
  example: 'apply to 2 backend jobs',
  read: ({ parts }): Reading | undefined => {
    const wish = wishOf(parts);
    if (!wish) return undefined;
    const { groups, goal } = wish;
    const nounAtEnd = groups.length > 1 && NOUN.test(groups.at(-1)!);
    const all: Wanted[] = [];
    for (const [index, group] of groups.entries()) {
      const wanted = jobsIn(group, nounAtEnd && index < groups.length - 1);
      if (wanted === undefined || isReading(wanted)) return wanted;
      const count = countOf(wanted, goal);
      if (count < 1 || count > MAX_COUNT) {
        return refused('planner.out-of-range', `Jobs can be planned 1 to ${MAX_COUNT} at a time, not ${count}: ask for fewer.`);
      }
      all.push(wanted);
    }
    return { kind: 'understood', addTo: (draft) => all.forEach((wanted) => addSteps(draft, wanted, goal, all.length === 1)) };
  },
};
