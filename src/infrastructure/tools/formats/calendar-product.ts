/** Who wrote an iCalendar file (RFC 5545, section 3.7.3). */
export const PROD_ID = { company: 'Life OS', product: 'Workflow Engine', language: 'EN' };
