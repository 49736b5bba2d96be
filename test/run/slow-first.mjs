import path from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** Folders whose specs compute long, or start processes or databases, the slowest first. */
const SLOW = [
  'test/simulation/',
  'test/e2e/',
  'packages/event-store-node/test/conformance/',
  'test/integration/read-models/',
  'packages/event-store-node/test/',
];

/** Begins with the slow specs, so that the workers end together although a fresh clone does not know yet how long each of them takes. */
export default class SlowFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path: file, context }) => {
      const name = path.relative(context.config.rootDir, file);
      const found = SLOW.findIndex((folder) => name.startsWith(folder));
      return found < 0 ? SLOW.length : found;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
