import { startEngine } from './engine.js';
import { readConfiguration } from './infrastructure/config/environment.js';

/** How long a shutdown may take beyond the grace period of running steps before the process ends anyway, in milliseconds. */
const SHUTDOWN_SLACK_MS = 10_000;

/** Serves until SIGINT or SIGTERM, then shuts down gracefully. Answers with the process' exit code. */
export async function serve(): Promise<number> {
  const configuration = readConfiguration();
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
  const engine = await startEngine(configuration);
  const { logger } = engine;
  logger.log(`Life OS Workflow Engine is ready: ${engine.url} (API documentation at ${engine.url}/docs)`);
  const end = await Promise.race([signalled, engine.failed]);
  const hard = setTimeout(() => {
    logger.error('The shutdown takes too long: ending at once. Nothing acknowledged is lost.');
    process.exit(1);
  }, configuration.shutdownGraceMs + SHUTDOWN_SLACK_MS);
  if (typeof end === 'string') {
    logger.log(`${end}: shutting down (running steps may take ${configuration.shutdownGraceMs} ms to finish)`);
    // A second signal means: now.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  } else {
    logger.error(`The event store has stopped: ${end.message}`);
  }
  await engine.stop();
  clearTimeout(hard);
  logger.log('Stopped.');
  return typeof end === 'string' ? 0 : 1;
}
