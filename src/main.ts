import { startEngine } from './engine.js';
import type { Configuration } from './infrastructure/config/environment.js';
import type { Tool } from './infrastructure/tools/tool.js';
import { launcherGone } from './interfaces/cli/launcher.js';
import { stopSignal } from './interfaces/cli/stop-signal.js';

/** How long a shutdown may take beyond the grace period of running steps before the process ends anyway, in milliseconds. */
const SHUTDOWN_SLACK_MS = 10_000;

/**
 * Serves until SIGINT or SIGTERM (or the end of the npm that started it), then shuts down gracefully. Answers with the process' exit code.
 * @param tools beside those of the catalogue
 */
export async function serve(configuration: Configuration, tools: readonly Tool[] = []): Promise<number> {
  const signalled = stopSignal();
  const engine = await startEngine(configuration, tools);
  const { logger } = engine;
  engine.ready.then(
    () => logger.log(`Life OS Workflow Engine is ready: ${engine.url} (API documentation at ${engine.url}/docs)`),
    () => undefined, // it has failed, or is being stopped
  );
  const end = await Promise.race([signalled, launcherGone(), engine.failed]);
  const hard = setTimeout(() => {
    logger.error('The shutdown takes too long: ending at once. Nothing acknowledged is lost.');
    process.exit(1);
  }, configuration.shutdownGraceMs + SHUTDOWN_SLACK_MS);
  if (typeof end === 'string') {
    logger.log(`${end}: shutting down (running steps may take ${configuration.shutdownGraceMs} ms to finish)`);
    // A second signal means: now.
    void stopSignal().then(() => process.exit(1));
  } else {
    logger.error(`The engine cannot go on: ${end.message}`);
  }
  await engine.stop();
  clearTimeout(hard);
  logger.log('Stopped.');
  return typeof end === 'string' ? 0 : 1;
}
