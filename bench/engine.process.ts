/** The engine under test: as `lifeos serve` starts it, with a tool that does nothing beside the shipped ones. */
import { startEngine } from '../src/engine.js';
import { readConfiguration } from '../src/infrastructure/config/environment.js';
import { keepHeapSmall } from '../src/infrastructure/system/heap.js';
import { noop } from './noop.tool.js';

keepHeapSmall();

const engine = await startEngine(readConfiguration(), [noop]);
await engine.ready;
process.send?.({ url: engine.url });
process.once('SIGTERM', () => void engine.stop().finally(() => process.exit(0)));
