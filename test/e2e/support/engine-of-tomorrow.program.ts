/** The same engine in a version to come: one of its read models has other rows. */
import { readConfiguration } from '../../../src/infrastructure/config/environment.js';
import { timelineProjection } from '../../../src/infrastructure/read-models/timeline/timeline.projection.js';
import { serve } from '../../../src/main.js';
import { hold } from './hold-tool.js';

Object.assign(timelineProjection, { version: timelineProjection.version + 1 });

process.exit(await serve(readConfiguration(), [hold]));
