/** `lifeos serve` with a tool more: its call lasts until the test lets it go. */
import { readConfiguration } from '../../../src/infrastructure/config/environment.js';
import { serve } from '../../../src/main.js';
import { hold } from './hold-tool.js';

process.exit(await serve(readConfiguration(), [hold]));
