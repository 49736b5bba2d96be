import { z } from 'zod';
import { JOB_CATALOGUE } from '../bundled/job-catalogue.js';
import { JOB_KINDS, jobSchema, type JobPosting } from '../bundled/job-posting.js';
import { ToolFailure } from '../tool-failure.js';
import { defineTool } from '../tool.js';

/** Words that say nothing about the kind of job. */
const NOISE = new Set(
  'a an and any as at for from i in me my near of or some the to with job jobs opening openings position positions role roles vacancy vacancies work'.split(
    ' ',
  ),
);
/** Words that most postings share: they decide the order, not whether a posting matches. */
const GENERIC = new Set('developer developers engineer engineers engineering senior junior lead software specialist'.split(' '));
/** Other words for the catalogue's own. */
const SYNONYMS: Readonly<Record<string, string>> = {
  'back-end': 'backend',
  'front-end': 'frontend',
  fullstack: 'full-stack',
  js: 'javascript',
  k8s: 'kubernetes',
  ml: 'machine',
  sre: 'reliability',
  testing: 'qa',
  tester: 'qa',
  ui: 'design',
  uk: 'kingdom',
};

const normal = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\bback end\b/g, 'backend')
    .replace(/\bfront end\b/g, 'frontend')
    .replace(/\bfull stack\b/g, 'full-stack')
    .replace(/\b(quality assurance|test automation)\b/g, 'qa $1');

const wordsOf = (text: string): readonly string[] => {
  const words = normal(text).match(/[\p{L}\p{N}][\p{L}\p{N}+#./-]*/gu) ?? [];
  return words.map((word) => word.replace(/[./-]+$/, '')).map((word) => SYNONYMS[word] ?? word);
};

interface Indexed {
  readonly posting: JobPosting;
  /** The weight of each word: where it stands says how much it means. */
  readonly weights: ReadonlyMap<string, number>;
}

const INDEX: readonly Indexed[] = JOB_CATALOGUE.map((posting) => {
  const weights = new Map<string, number>();
  const fields: readonly (readonly [string, number])[] = [
    [posting.description, 1],
    [posting.company, 2],
    [posting.location, 3],
    [posting.skills.join(' '), 4],
    [posting.title, 6],
    [posting.kind, 10],
  ];
  for (const [text, weight] of fields) for (const word of wordsOf(text)) weights.set(word, weight);
  return { posting, weights };
});

/** A plural finds its singular. */
const weightOf = ({ weights }: Indexed, word: string): number => weights.get(word) ?? weights.get(word.replace(/s$/, '')) ?? 0;

/** Best match first; equal ones in the catalogue's order. Every word that is not generic must occur. */
function matches(query: string): readonly JobPosting[] {
  const words = wordsOf(query).filter((word) => !NOISE.has(word));
  const telling = words.filter((word) => !GENERIC.has(word));
  const scored = INDEX.filter((indexed) => telling.every((word) => weightOf(indexed, word) > 0))
    .map((indexed) => ({ indexed, score: words.reduce((sum, word) => sum + weightOf(indexed, word), 0) }))
    .filter(({ score }) => words.length === 0 || score > 0);
  return scored.sort((a, b) => b.score - a.score).map(({ indexed }) => indexed.posting);
}

export const jobSearch = defineTool({
  name: 'job_search',
  version: '1.0.0',
  description: 'Finds matching jobs in a bundled catalogue of made-up postings, the best match first.',
  riskLevel: 'L0',
  effect: 'read-only',
  input: z.object({
    query: z.string().max(200).describe('Words that the posting must have: a kind of job, skills, a company. Empty: any job.'),
    limit: z.int().min(1).max(20).default(5).describe('How many jobs at most.'),
    at_least: z.int().min(1).max(20).optional().describe('Fail when fewer jobs match: for plans that need so many.'),
    location: z.string().max(100).optional().describe('A city or country.'),
    remote: z.boolean().optional().describe('Only jobs that are remote (true) or that are not (false).'),
  }),
  output: z.object({
    query: z.string(),
    total: z.int().nonnegative().describe('How many jobs match, beyond the limit too.'),
    jobs: z.array(jobSchema),
  }),
  summary: 'Search for jobs[: {/query}][, in {/location}]',
  shows: ['/query', '/location', '/remote', '/limit'],
  run: ({ query, limit, at_least: atLeast = 1, location, remote }) => {
    const place = location?.trim().toLowerCase() ?? '';
    const found = matches(query)
      .filter((posting) => posting.location.toLowerCase().includes(place))
      .filter((posting) => remote === undefined || posting.remote === remote);
    if (found.length === 0) {
      const wanted = [`"${query}"`, ...(location === undefined ? [] : [`in ${location}`]), ...(remote ? ['remote'] : [])];
      const kinds = `There are jobs of these kinds: ${JOB_KINDS.join(', ')}.`;
      throw new ToolFailure('job_search.no-match', `No job matches ${wanted.join(', ')}. ${kinds}`, { retryable: false });
    }
    if (found.length < atLeast) {
      const are = found.length === 1 ? 'Only 1 job matches' : `Only ${found.length} jobs match`;
      throw new ToolFailure('job_search.too-few', `${are}; ${atLeast} are needed. Ask for fewer, or widen the search.`, {
        retryable: false,
      });
    }
    const jobs = found.slice(0, limit).map(({ kind: _kind, ...job }) => job);
    return { query, total: found.length, jobs };
  },
});
