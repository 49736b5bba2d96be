/** An engine as `lifeos serve` starts it, with tools that take their time and leave traces, and a wall clock that is set by the test. */
import './settable-clock.js';
import { startEngine } from '../../../../src/engine.js';
import { readConfiguration } from '../../../../src/infrastructure/config/environment.js';
import { keepHeapSmall } from '../../../../src/infrastructure/system/heap.js';
import { FAULT_TOOLS } from './tools.js';

keepHeapSmall();

const engine = await startEngine(readConfiguration(), FAULT_TOOLS);
void engine.failed.then((error) => {
  process.stderr.write(`the engine cannot go on: ${error.message}\n`);
  process.exit(1);
});
await engine.ready;
process.stdout.write(`is ready: ${engine.url}\n`);
process.once('SIGTERM', () => void engine.stop().finally(() => process.exit(0)));
