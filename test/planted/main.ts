import { parseArgs } from 'node:util';
import { PLANTED_FAULTS } from './faults.js';
import { runSpecs, type Outcome } from './run-specs.js';
import { SourceCopy } from './source-copy.js';

/** For the specs of one fault, and for all of them without one, in milliseconds. */
const FAULT_LIMIT_MS = 120_000;
const ALL_LIMIT_MS = 360_000;

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const faults = PLANTED_FAULTS.filter(({ name }) => values.only === undefined || values.only.some((part) => name.includes(part)));
if (faults.length === 0) throw new Error(`no planted fault has "${values.only?.join('" or "')}" in its name`);

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`.padStart(8);

const copy = await SourceCopy.make(process.cwd());
process.once('SIGINT', () => void copy.remove().finally(() => process.exit(130)));
let failed = 0;
const line = (isRight: boolean, what: string, since: number, about: string): void => {
  if (!isRight) failed += 1;
  say(`${isRight ? 'ok    ' : 'NOT OK'} ${seconds(since)}  ${what}\n                 ${about}`);
};

/** What became of one fault, in words, and whether it is as it should be. */
async function plant({ file, text, replacement, specs, tests }: (typeof faults)[number]): Promise<readonly [boolean, string]> {
  let putBack: () => Promise<void>;
  try {
    putBack = await copy.change(file, text, replacement);
  } catch (error) {
    return [false, (error as Error).message];
  }
  try {
    const outcome: Outcome = await runSpecs(copy, specs, FAULT_LIMIT_MS, tests);
    if (outcome.kind === 'failed') return [true, `caught by: ${outcome.by}`];
    return [false, outcome.kind === 'passed' ? `SURVIVED ${specs.join(', ')}` : `no answer within ${FAULT_LIMIT_MS / 1_000} s`];
  } finally {
    await putBack();
  }
}

try {
  const began = performance.now();
  const specs = [...new Set(faults.flatMap((fault) => fault.specs))];
  const without = await runSpecs(copy, specs, ALL_LIMIT_MS);
  line(without.kind === 'passed', `nothing planted, ${specs.length} specs`, began, without.kind === 'failed' ? without.by : without.kind);
  // Where specs fail by themselves, a failure with a fault proves nothing.
  if (without.kind === 'passed') {
    for (const fault of faults) {
      const since = performance.now();
      const [isRight, about] = await plant(fault);
      line(isRight, fault.name, since, about);
    }
    say(`${faults.length + 1 - failed} passed, ${failed} failed${seconds(began)}`);
  } else say('0 passed, 1 failed');
} finally {
  await copy.remove();
}
process.exitCode = failed === 0 ? 0 : 1;
