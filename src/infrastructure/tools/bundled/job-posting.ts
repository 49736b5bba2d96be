import { z } from 'zod';

/** What kinds of work the bundled postings are about. */
export const JOB_KINDS = ['backend', 'frontend', 'full-stack', 'data', 'devops', 'mobile', 'product', 'design', 'qa', 'security'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** A job as it flows from the search into the CV and the application. */
export const jobSchema = z.object({
  job_id: z.string().min(1).max(100),
  title: z.string().min(1).max(200),
  company: z.string().min(1).max(200),
  location: z.string().max(200),
  remote: z.boolean(),
  /** Per year. */
  salary: z.object({ min: z.int().nonnegative(), max: z.int().nonnegative(), currency: z.string().length(3) }),
  skills: z.array(z.string().max(100)).max(50),
  description: z.string().max(5_000),
  url: z.url().max(500),
});
export type Job = z.output<typeof jobSchema>;

export interface JobPosting extends Job {
  readonly kind: JobKind;
}

type Range = readonly [min: number, max: number, currency: 'EUR' | 'GBP' | 'USD' | 'CHF'];

/** Makes the postings of one kind. A location that begins with "Remote" is one to work from anywhere there. */
export const postings = (
  kind: JobKind,
  prefix: string,
  rows: readonly (readonly [title: string, company: string, location: string, salary: Range, skills: string, description: string])[],
): readonly JobPosting[] =>
  rows.map(([title, company, location, [min, max, currency], skills, description], index) => {
    const jobId = `${prefix}-${String(index + 1).padStart(3, '0')}`;
    return {
      kind,
      job_id: jobId,
      title,
      company,
      location,
      remote: location.startsWith('Remote'),
      salary: { min, max, currency },
      skills: skills.split(', '),
      description,
      url: `https://jobs.example.com/postings/${jobId}`,
    };
  });
