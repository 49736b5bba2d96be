import { postings } from '../job-posting.js';

export const dataJobs = postings('data', 'da', [
  [
    'Data Engineer',
    'Harbourlight Logistics',
    'Berlin, Germany',
    [64000, 82000, 'EUR'],
    'Python, SQL, Airflow, dbt, Spark',
    'Pipelines that turn 40 million scans a day into tables that planners trust, with tests for data and alarms for gaps.',
  ],
  [
    'Senior Data Engineer',
    'Meridian Weather',
    'Remote (Europe)',
    [74000, 96000, 'EUR'],
    'Python, SQL, Kafka, Spark, AWS',
    'Station data from 60 countries, cleaned within a minute of arrival and kept for ever.',
  ],
  [
    'Data Scientist',
    'Copperfield Bank',
    'London, United Kingdom',
    [65000, 85000, 'GBP'],
    'Python, SQL, scikit-learn, Statistics, Docker',
    'Models that spot fraud, and explanations that a customer and a regulator understand.',
  ],
  [
    'Data Analyst',
    'Hollyhock Market',
    'Remote (Germany)',
    [48000, 60000, 'EUR'],
    'SQL, Python, dbt, Statistics',
    'Find out why baskets are abandoned, and show it so that people act on it.',
  ],
  [
    'Machine Learning Engineer',
    'Clovermeadow Health',
    'Munich, Germany',
    [72000, 95000, 'EUR'],
    'Python, PyTorch, Kubernetes, MLflow, SQL',
    'Bring models for X-ray triage into clinics: reproducible training, monitored inference, a way back at any time.',
  ],
  [
    'Analytics Engineer',
    'Tidewater Schools',
    'Remote (Worldwide)',
    [58000, 75000, 'EUR'],
    'SQL, dbt, Python, Airflow',
    'One agreed definition of every number that schools see, tested and documented.',
  ],
]);

export const devopsJobs = postings('devops', 'do', [
  [
    'DevOps Engineer',
    'Ferrous Ledger',
    'Berlin, Germany',
    [66000, 84000, 'EUR'],
    'Kubernetes, Terraform, AWS, CI/CD, Prometheus',
    'Deployments that nobody is afraid of: previews per branch, progressive roll-outs, a way back within a minute.',
  ],
  [
    'Site Reliability Engineer',
    'Alpenblick Rail',
    'Zurich, Switzerland',
    [110000, 132000, 'CHF'],
    'Linux, Go, Kubernetes, Prometheus, Incident Response',
    'Keep the timetable up. Error budgets are agreed with the product people and taken seriously.',
  ],
  [
    'Platform Engineer',
    'Mossgate Publishing',
    'Remote (Europe)',
    [70000, 90000, 'EUR'],
    'Kubernetes, Terraform, Go, CI/CD, GitOps',
    'An internal platform for nine teams: they bring a container, you make everything else boring.',
  ],
  [
    'Cloud Infrastructure Engineer',
    'Meridian Weather',
    'Edinburgh, United Kingdom',
    [58000, 76000, 'GBP'],
    'AWS, Terraform, Python, Linux, Networking',
    'Storage and compute for forecasts that must be ready at 05:40 every morning.',
  ],
]);

export const qaJobs = postings('qa', 'qa', [
  [
    'QA Engineer',
    'Copperfield Bank',
    'London, United Kingdom',
    [48000, 62000, 'GBP'],
    'Test Design, TypeScript, Playwright, SQL',
    'Find what nobody thought of before customers do, and make sure that it never comes back.',
  ],
  [
    'Test Automation Engineer',
    'Alpenblick Rail',
    'Zurich, Switzerland',
    [95000, 112000, 'CHF'],
    'TypeScript, Playwright, CI/CD, Python',
    'A test suite that runs in ten minutes and that developers believe.',
  ],
  [
    'Senior QA Engineer',
    'Tidewater Schools',
    'Remote (Europe)',
    [55000, 70000, 'EUR'],
    'Test Design, Accessibility, Playwright, REST',
    'Quality for a product whose users are eight years old. Accessibility is half of the job.',
  ],
]);

export const securityJobs = postings('security', 'se', [
  [
    'Application Security Engineer',
    'Ferrous Ledger',
    'Remote (Europe)',
    [78000, 99000, 'EUR'],
    'Threat Modelling, TypeScript, OAuth, Penetration Testing',
    'Sit with the teams at design time, review what matters, and build the paved road for the rest.',
  ],
  [
    'Security Analyst',
    'Brightwater Insurance',
    'Dublin, Ireland',
    [52000, 66000, 'EUR'],
    'SIEM, Incident Response, Linux, Networking',
    'Watch, understand and answer. A team of six in three time zones, so that nobody works nights.',
  ],
]);
