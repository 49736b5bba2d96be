import { z } from 'zod';
import { DEFAULT_PROFILE, profileSchema, type Profile } from '../bundled/cv-profile.js';
import { jobSchema, type Job } from '../bundled/job-posting.js';
import { fileStem } from '../formats/file-stem.js';
import { markdownText as md } from '../formats/markdown-text.js';
import { defineTool } from '../tool.js';

const sameSkill = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

/** How many of the wanted skills a text mentions: what fits the job goes first. */
const relevance = (text: string, wanted: readonly string[]): number =>
  wanted.filter((skill) => text.toLowerCase().includes(skill.toLowerCase())).length;

function tailored(profile: Profile, job: Job, matched: readonly string[]): string {
  const contact = [profile.location, profile.phone].filter((one) => one !== undefined).map(md);
  const others = profile.skills.filter((skill) => !matched.includes(skill));
  const experience = profile.experience.map(({ title, company, from, to, highlights }) => {
    const ordered = [...highlights].sort((a, b) => relevance(b, matched) - relevance(a, matched));
    const head = `### ${md(title)}, ${md(company)} (${md(from)} – ${md(to)})`;
    return ordered.length === 0 ? head : `${head}\n\n${bullets(ordered.map(md))}`;
  });
  const sections: readonly (readonly [string, string])[] = [
    ['Profile', `${md(profile.summary)}\n\nApplying for **${md(job.title)}** at **${md(job.company)}** (${md(job.location)}).`],
    ['Skills for this role', bullets(matched.map((skill) => `**${md(skill)}**`))],
    ['Further skills', others.map(md).join(', ')],
    ['Experience', experience.join('\n\n')],
    ['Education', bullets(profile.education.map(({ degree, school, year }) => `${md(degree)}, ${md(school)} (${md(year)})`))],
    ['Languages', (profile.languages ?? []).map(md).join(', ')],
  ];
  return [
    `# ${md(profile.name)}`,
    `${md(profile.headline)}`,
    [`<${profile.email}>`, ...contact].join(' · '),
    ...sections.filter(([, text]) => text !== '').map(([heading, text]) => `## ${heading}\n\n${text}`),
  ]
    .join('\n\n')
    .concat('\n');
}

export const cvTailor = defineTool({
  name: 'cv_tailor',
  version: '1.0.0',
  description: 'Writes a CV in Markdown for one job: what the job asks for and the person can do comes first. Nothing is made up.',
  riskLevel: 'L1',
  effect: 'read-only',
  input: z.object({
    job: jobSchema.describe('A job as job_search gives it.'),
    profile: profileSchema.optional().describe('Whose CV it is; a made-up person where it is missing.'),
  }),
  output: z.object({
    job_id: z.string(),
    file_name: z.string(),
    markdown: z.string(),
    matched_skills: z.array(z.string()),
    missing_skills: z.array(z.string()),
  }),
  summary: 'Tailor the CV to {/job/title}[ at {/job/company}]',
  shows: ['/job/title', '/job/company'],
  run: ({ job, profile = DEFAULT_PROFILE }) => {
    const matched = profile.skills.filter((own) => job.skills.some((wanted) => sameSkill(own, wanted)));
    const missing = job.skills.filter((wanted) => !profile.skills.some((own) => sameSkill(own, wanted)));
    return {
      job_id: job.job_id,
      file_name: `cv-${fileStem(profile.name, 'person')}-${fileStem(job.job_id, 'job')}.md`,
      markdown: tailored(profile, job, matched),
      matched_skills: matched,
      missing_skills: missing,
    };
  },
});
