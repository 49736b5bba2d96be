import { z } from 'zod';
import { markdownText } from '../formats/markdown-text.js';
import { defineTool } from '../tool.js';

export const jobWithdraw = defineTool({
  name: 'job_withdraw',
  version: '1.0.0',
  description: 'Withdraws an application: writes a letter to the company, in Markdown, to the outbox, exactly once for each step of a run.',
  // As high as that of the application: the letter goes to somebody outside, who may not take the application a second time.
  riskLevel: 'L3',
  effect: 'idempotent',
  input: z.object({
    application_id: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,100}$/, 'it must be the id of an application of job_submit')
      .describe('As job_submit gives it: the reference by which the company knows the application.'),
    company: z.string().min(1).max(200),
    job_title: z.string().min(1).max(200),
    submitted_at: z.iso.datetime(),
  }),
  output: z.object({
    application_id: z.string(),
    status: z.literal('withdrawn'),
    company: z.string(),
    outbox_file: z.string().describe('Relative to the outbox.'),
    withdrawn_at: z.iso.datetime(),
  }),
  summary: 'Withdraw the application to {/company} ({/job_title})',
  shows: ['/company', '/job_title', '/submitted_at'],
  run: ({ application_id, company, job_title: title, submitted_at: submittedAt }, { outbox, now }) =>
    outbox.publishOnce('withdrawals', (folder) => {
      const withdrawn_at = new Date(now()).toISOString();
      const letter = [
        `To: ${markdownText(company)}`,
        `Date: ${withdrawn_at.slice(0, 10)}`,
        `**Withdrawal of application ${application_id}: ${markdownText(title)}**`,
        'Dear Sir or Madam,',
        `I withdraw my application of ${submittedAt.slice(0, 10)} as ${markdownText(title)}, which has the reference ${application_id}. Please do not consider it any further, and delete the documents that came with it.`,
        'Thank you for your time.',
        'Kind regards',
      ];
      return {
        files: { 'letter.md': `${letter.join('\n\n')}\n` },
        output: { application_id, status: 'withdrawn' as const, company, outbox_file: `${folder}/letter.md`, withdrawn_at },
      };
    }),
});
