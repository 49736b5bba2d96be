import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tools } from '../../../src/application/ports/tools.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { validatePlan } from '../../../src/domain/plan/validate-plan.js';
import { createTools } from '../../../src/infrastructure/tools/create-tools.js';
import { failureOf, filesIn, outputOf, removeFolder, SetClock, temporaryFolder, toolCall } from './support/tool-calls.js';

interface Found {
  readonly total: number;
  readonly jobs: readonly (JsonObject & { job_id: string; title: string; location: string; remote: boolean; skills: string[] })[];
}
interface Cv {
  readonly job_id: string;
  readonly markdown: string;
  readonly matched_skills: readonly string[];
  readonly missing_skills: readonly string[];
}

describe('the job connectors', () => {
  let outboxDir: string;
  let tools: Tools;
  const clock = new SetClock();
  beforeAll(async () => {
    outboxDir = await temporaryFolder();
    tools = createTools({ outboxDir, clock });
  });
  afterAll(() => removeFolder(outboxDir));

  const search = (args: JsonObject): Promise<Found> => outputOf<Found>(tools, 'job_search', args);
  const searchFailure = async (args: JsonObject) => failureOf(await tools.call(toolCall('job_search', args)));
  const prefixes = ({ jobs }: Found): readonly string[] => [...new Set(jobs.map(({ job_id }) => job_id.slice(0, 2)))];

  it.each([
    ['backend jobs', 'be'],
    ['back-end developer', 'be'],
    ['frontend', 'fe'],
    ['front end engineer', 'fe'],
    ['data engineer', 'da'],
    ['machine learning', 'da'],
    ['SRE', 'do'],
    ['product manager', 'pr'],
    ['tester', 'qa'],
    ['iOS', 'mo'],
  ])('finds what "%s" means', async (query, prefix) => {
    expect((await search({ query })).jobs[0]!.job_id).toMatch(new RegExp(`^${prefix}-`));
  });

  it('gives no jobs of another kind to fill up the list', async () => {
    expect(prefixes(await search({ query: 'backend engineer', limit: 20 }))).toEqual(['be']);
  });

  it('puts the best match first, the same in every search', async () => {
    const found = await search({ query: 'senior backend engineer', limit: 3 });
    expect(found.jobs[0]!.title).toBe('Senior Backend Engineer');
    expect(await search({ query: 'senior backend engineer', limit: 3 })).toEqual(found);
  });

  it('narrows by place and by remote work', async () => {
    const berlin = await search({ query: 'backend', location: 'berlin' });
    expect(berlin.jobs.map(({ location }) => location)).toEqual(['Berlin, Germany']);
    const remote = await search({ query: 'remote data', limit: 20, remote: true });
    expect(remote.jobs.every((job) => job.remote)).toBe(true);
  });

  it('finds any job where nothing is said, but at most as many as the limit', async () => {
    expect(await search({ query: 'jobs', limit: 20 })).toMatchObject({ jobs: { length: 20 } });
  });

  it('says which kinds there are when nothing matches', async () => {
    const failure = await searchFailure({ query: 'underwater basket weaving' });
    expect(failure).toMatchObject({ code: 'job_search.no-match', retryable: false });
    expect(failure.message).toMatch(/backend, frontend/);
  });

  it('says how many there are when more are needed', async () => {
    const failure = await searchFailure({ query: 'security', at_least: 5, limit: 5 });
    expect(failure).toMatchObject({ code: 'job_search.too-few', retryable: false });
    expect(failure.message).toMatch(/Only 2 jobs match; 5 are needed/);
  });

  it('tailors a CV to a job: what fits comes first, what is missing is named, nothing is made up', async () => {
    const { jobs } = await search({ query: 'backend', limit: 1 });
    const cv = await outputOf<Cv>(tools, 'cv_tailor', { job: jobs[0]! });
    expect([...cv.matched_skills, ...cv.missing_skills].sort()).toEqual([...jobs[0]!.skills].sort());
    expect(cv.markdown).toMatch(/^# Alex Morgan\n\n/);
    expect(cv.markdown).toContain(`**${jobs[0]!.title}**`);
    for (const missing of cv.missing_skills) expect(cv.markdown).not.toContain(missing);
    expect(cv.markdown).toMatch(/\n## Skills for this role\n\n- \*\*TypeScript\*\*\n/);
    expect(cv.markdown.endsWith('\n')).toBe(true);
  });

  it("lets no text of a job or profile become the CV's markup", async () => {
    const { jobs } = await search({ query: 'backend', limit: 1 });
    const { markdown } = await outputOf<Cv>(tools, 'cv_tailor', { job: { ...jobs[0]!, title: 'X**\n\n# Hired <script>' } });
    expect(markdown).toContain('X\\*\\* # Hired \\<script\\>');
    expect(markdown.match(/^# /gm)).toHaveLength(1);
  });

  it('submits an application once for a key, and answers a repeat with the first receipt, however late (invariant 18)', async () => {
    const { jobs } = await search({ query: 'backend', limit: 1 });
    const { markdown } = await outputOf<Cv>(tools, 'cv_tailor', { job: jobs[0]! });
    const args = { job: jobs[0]!, cv_markdown: markdown };
    const before = (await filesIn(outboxDir)).length;
    const attempts = Array.from({ length: 10 }, (_, index) =>
      outputOf<JsonObject>(tools, 'job_submit', args, { idempotencyKey: 'one', attempt: index + 1 }),
    );
    const receipts = await Promise.all(attempts);
    clock.time += 60_000;
    const late = await outputOf<JsonObject>(createTools({ outboxDir, clock }), 'job_submit', args, { idempotencyKey: 'one' });
    expect(new Set([...receipts, late].map((receipt) => JSON.stringify(receipt))).size).toBe(1);
    expect(late).toMatchObject({ status: 'submitted', job_id: jobs[0]!.job_id, company: jobs[0]!['company'] });
    expect(await filesIn(outboxDir)).toHaveLength(before + 3);
    const file = late['outbox_file'] as string;
    expect(path.isAbsolute(file)).toBe(false);
    const application = JSON.parse(await readFile(path.join(outboxDir, file), 'utf8')) as JsonObject;
    expect(application).toMatchObject({ application_id: late['application_id'], job: jobs[0] });
    expect(await readFile(path.join(outboxDir, path.dirname(file), 'cv.md'), 'utf8')).toBe(markdown);
  });

  it('gives other steps applications of their own', async () => {
    const { jobs } = await search({ query: 'frontend', limit: 1 });
    const args = { job: jobs[0]!, cv_markdown: '# CV' };
    const ids = [];
    for (const idempotencyKey of ['x', 'y'])
      ids.push((await outputOf<JsonObject>(tools, 'job_submit', args, { idempotencyKey }))['application_id']);
    expect(new Set(ids).size).toBe(2);
  });

  it('has outputs that fit into the inputs of the next tool', () => {
    const job = { $from: 'search', path: '/jobs/0' };
    const cv = { $from: 'tailor', path: '/markdown' };
    const steps = [
      { key: 'search', name: 'Search', tool: 'job_search', args: { query: 'backend' }, dependsOn: [] },
      { key: 'tailor', name: 'Tailor', tool: 'cv_tailor', args: { job }, dependsOn: [] },
      { key: 'submit', name: 'Submit', tool: 'job_submit', args: { job, cv_markdown: cv }, dependsOn: [] },
    ];
    expect(validatePlan({ steps }, tools).map(({ riskLevel }) => riskLevel)).toEqual(['L0', 'L1', 'L3']);
  });
});
