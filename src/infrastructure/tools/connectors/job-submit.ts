import { z } from 'zod';
import { jobSchema } from '../bundled/job-posting.js';
import { defineTool } from '../tool.js';

export const jobSubmit = defineTool({
  name: 'job_submit',
  version: '1.0.0',
  description: 'Submits an application: writes it, with the CV, to the outbox, exactly once for each step of a run.',
  riskLevel: 'L3',
  effect: 'idempotent',
  input: z.object({
    job: jobSchema.describe('A job as job_search gives it.'),
    cv_markdown: z.string().min(1).max(50_000).describe('The CV, in Markdown, as cv_tailor writes it.'),
    message: z.string().max(5_000).optional().describe('A covering note.'),
  }),
  output: z.object({
    application_id: z.string(),
    status: z.literal('submitted'),
    job_id: z.string(),
    company: z.string(),
    outbox_file: z.string().describe('Relative to the outbox.'),
    submitted_at: z.iso.datetime(),
  }),
  summary: 'Send the application to {/job/company} ({/job/title})',
  shows: ['/job/company', '/job/title', '/job/location', '/message', '/cv_markdown'],
  undo: {
    tool: 'job_withdraw',
    args: {
      application_id: { $from: 'output', path: '/application_id' },
      company: { $from: 'output', path: '/company' },
      job_title: { $from: 'args', path: '/job/title' },
      submitted_at: { $from: 'output', path: '/submitted_at' },
    },
  },
  run: ({ job, cv_markdown: cv, message }, { outbox, now }) =>
    outbox.publishOnce('applications', (folder) => {
      const output = {
        application_id: `app-${outbox.id.slice(0, 12)}`,
        status: 'submitted' as const,
        job_id: job.job_id,
        company: job.company,
        outbox_file: `${folder}/application.json`,
        submitted_at: new Date(now()).toISOString(),
      };
      const { application_id, submitted_at } = output;
      const application = { application_id, submitted_at, job, message: message ?? null, cv_file: 'cv.md' };
      return { files: { 'application.json': `${JSON.stringify(application, null, 2)}\n`, 'cv.md': cv }, output };
    }),
});
