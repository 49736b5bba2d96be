import { designJobs, mobileJobs, productJobs } from './jobs/design-mobile-product.js';
import { dataJobs, devopsJobs, qaJobs, securityJobs } from './jobs/data-devops-quality.js';
import { backendJobs, frontendJobs, fullStackJobs } from './jobs/web-engineering.js';
import type { JobPosting } from './job-posting.js';

/** Made-up postings of made-up companies, in a fixed order that decides ties. */
export const JOB_CATALOGUE: readonly JobPosting[] = [
  ...backendJobs,
  ...frontendJobs,
  ...fullStackJobs,
  ...dataJobs,
  ...devopsJobs,
  ...mobileJobs,
  ...productJobs,
  ...designJobs,
  ...qaJobs,
  ...securityJobs,
];
