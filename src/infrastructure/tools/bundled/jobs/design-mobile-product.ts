import { postings } from '../job-posting.js';

export const mobileJobs = postings('mobile', 'mo', [
  [
    'Android Engineer',
    'Larkspur Tickets',
    'Berlin, Germany',
    [60000, 78000, 'EUR'],
    'Kotlin, Jetpack Compose, Coroutines, REST',
    'Tickets that open without a network at the gate of a stadium.',
  ],
  [
    'iOS Engineer',
    'Copperfield Bank',
    'London, United Kingdom',
    [65000, 84000, 'GBP'],
    'Swift, SwiftUI, Combine, Accessibility',
    'An app that two million people open every morning. Releases every two weeks, crash-free sessions above 99.9 %.',
  ],
  [
    'Mobile Developer (Flutter)',
    'Pinecone Freight',
    'Remote (Europe)',
    [55000, 72000, 'EUR'],
    'Dart, Flutter, REST, SQLite',
    'The app in the cab: big buttons, offline first, read aloud while driving.',
  ],
  [
    'React Native Developer',
    'Hollyhock Market',
    'Amsterdam, Netherlands',
    [56000, 72000, 'EUR'],
    'TypeScript, React Native, GraphQL, CSS',
    'Orders from the field and the market stall, on five-year-old phones.',
  ],
]);

export const productJobs = postings('product', 'pr', [
  [
    'Product Manager',
    'Tidewater Schools',
    'Remote (Europe)',
    [65000, 85000, 'EUR'],
    'Discovery, Roadmapping, Analytics, Interviewing',
    'Spend every second week in a school. Decide with teachers what not to build.',
  ],
  [
    'Technical Product Manager, APIs',
    'Brightwater Insurance',
    'London, United Kingdom',
    [70000, 88000, 'GBP'],
    'REST, Roadmapping, SQL, Discovery',
    'The APIs that brokers build on: versions, documentation and promises that are kept.',
  ],
  [
    'Product Owner',
    'Alpenblick Rail',
    'Vienna, Austria',
    [60000, 75000, 'EUR'],
    'Roadmapping, Scrum, Interviewing',
    'One product for dispatchers in three countries, with three ways of doing everything.',
  ],
]);

export const designJobs = postings('design', 'de', [
  [
    'Product Designer',
    'Clovermeadow Health',
    'Berlin, Germany',
    [55000, 72000, 'EUR'],
    'Figma, Prototyping, Accessibility, Interviewing',
    'Letters, forms and screens that frightened people understand at once.',
  ],
  [
    'UX Designer',
    'Mossgate Publishing',
    'Remote (Europe)',
    [52000, 68000, 'EUR'],
    'Figma, Prototyping, Usability Testing',
    'Tools for authors who write the same book for six years.',
  ],
  [
    'Senior UX Researcher',
    'Quillstone Energy',
    'Lisbon, Portugal',
    [50000, 66000, 'EUR'],
    'Interviewing, Usability Testing, Statistics',
    'Why do people not read their bills, and what would they rather know?',
  ],
]);
