import { z } from 'zod';

const line = (max: number): z.ZodString => z.string().min(1).max(max);

/** What a CV is made of. */
export const profileSchema = z.object({
  name: line(100),
  headline: line(200),
  email: z.email().max(254),
  phone: line(50).optional(),
  location: line(100).optional(),
  summary: line(2_000),
  skills: z.array(line(100)).min(1).max(100),
  experience: z
    .array(z.object({ title: line(200), company: line(200), from: line(20), to: line(20), highlights: z.array(line(500)).max(20) }))
    .max(30),
  education: z.array(z.object({ degree: line(200), school: line(200), year: line(20) })).max(20),
  languages: z.array(line(100)).max(20).optional(),
});
export type Profile = z.output<typeof profileSchema>;

/** A made-up person, whose CV is tailored where no profile is given. */
export const DEFAULT_PROFILE: Profile = {
  name: 'Alex Morgan',
  headline: 'Software engineer',
  email: 'alex.morgan@example.com',
  phone: '+49 30 5550 0199',
  location: 'Berlin, Germany',
  summary:
    'Software engineer with nine years of experience in web products and the services behind them. Likes small releases, good tests and talking to the people who use the result.',
  skills: [
    'TypeScript',
    'JavaScript',
    'Node.js',
    'React',
    'CSS',
    'Python',
    'SQL',
    'PostgreSQL',
    'REST',
    'Docker',
    'Kubernetes',
    'AWS',
    'CI/CD',
    'Kafka',
    'Playwright',
    'Accessibility',
  ],
  experience: [
    {
      title: 'Senior Software Engineer',
      company: 'Birchwood Parcel',
      from: '2021',
      to: 'today',
      highlights: [
        'Split the tracking service out of a monolith; 99.95 % availability since (Node.js, Kafka, PostgreSQL)',
        'Cut the deployment time from 50 to 8 minutes (CI/CD, Docker, Kubernetes)',
        'Mentor of three junior colleagues',
      ],
    },
    {
      title: 'Software Engineer',
      company: 'Riverbend Energy',
      from: '2017',
      to: '2021',
      highlights: [
        'Customer portal with 120,000 users, usable by keyboard and screen reader (React, TypeScript, Accessibility)',
        'Nightly billing checks that found errors worth €300,000 a year (Python, SQL)',
      ],
    },
  ],
  education: [{ degree: 'B.Sc. Computer Science', school: 'Elbmarsh University of Applied Sciences', year: '2017' }],
  languages: ['English', 'German'],
};
