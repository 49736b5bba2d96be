const LAUNCHER_CHECK_MS = 500;

/**
 * Resolves when the shell in which npm runs its scripts has gone: it dies of a SIGTERM sent to npm and does not pass it on. Never resolves for a process that was
 * not started by npm.
 */
export function launcherGone(): Promise<string> {
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
