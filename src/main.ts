import { startEngine } from './engine.js';
import type { Configuration } from './infrastructure/config/environment.js';

/** How long a shutdown may take beyond the grace period of running steps before the process ends anyway, in milliseconds. */
const SHUTDOWN_SLACK_MS = 10_000;

const LAUNCHER_CHECK_MS = 500;

/**
 * Resolves when the shell in which npm runs its scripts has gone: it dies of a SIGTERM sent to npm and does not pass it on. Never resolves for a process that was
 * not started by npm.
 */
function launcherGone(): Promise<string> {
  const launcher = process.ppid;
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const timer = setInterval(() => {
      if (process.ppid === launcher) return;
      clearInterval(timer);
      resolve('npm has ended');
    }, LAUNCHER_CHECK_MS).unref();
  });
}

/** Serves until SIGINT or SIGTERM (or the end of the npm that started it), then shuts down gracefully. Answers with the process' exit code. */
export async function serve(configuration: Configuration): Promise<number> {
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
  const engine = await startEngine(configuration);
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
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  } else {
    logger.error(`The engine cannot go on: ${end.message}`);
  }
  await engine.stop();
  clearTimeout(hard);
  logger.log('Stopped.');
  return typeof end === 'string' ? 0 : 1;
}
