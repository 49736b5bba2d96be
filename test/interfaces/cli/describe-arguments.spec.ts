import fc from 'fast-check';
import { describeArguments } from '../../../src/interfaces/cli/demo/describe-arguments.js';

describe('the arguments of a call', () => {
  it('are shown with what tells most first, and long texts shortened', () => {
    const job = {
      job_id: 'be-001',
      description: 'x'.repeat(500),
      remote: false,
      company: 'Ferrous Ledger',
      title: 'Backend Engineer',
      skills: ['Go'],
    };
    expect(describeArguments({ cv_markdown: `# Alex\n\n${'word '.repeat(200)}`, job, recipient: 'anna@example.com' })).toEqual([
      'recipient: anna@example.com',
      expect.stringMatching(/^cv markdown: # Alex word .*… \(202 words\)$/),
      'job: Backend Engineer · Ferrous Ledger · job_id be-001 · remote false',
    ]);
  });

  it('take a line each, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (args) => {
        const lines = describeArguments(args);
        expect(lines).toHaveLength(Object.keys(args).length);
        for (const line of lines) expect(line.slice(line.indexOf(': '))).not.toContain('\n');
      }),
    );
  });
});
