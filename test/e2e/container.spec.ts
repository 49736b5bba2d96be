import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { preparedFolder } from '../integration/read-models/support/prepared-database.js';
import { removeFolder, ROOT, serveEngine, stopEngine } from './support/engine-process.js';

const run = promisify(execFile);

/** The command of the Dockerfile's HEALTHCHECK, which docker-compose.yml inherits. */
async function healthCheck(): Promise<readonly string[]> {
  const dockerfile = await readFile(path.join(ROOT, 'Dockerfile'), 'utf8');
  return JSON.parse(/^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(dockerfile)![1]!) as string[];
}

describe("the container's health check", () => {
  it('finds an engine that serves on a port of its own choice, and misses it once it has stopped', async () => {
    const [program, ...args] = await healthCheck();
    expect(program).toBe('node');
    const dataDir = await preparedFolder();
    const engine = await serveEngine(dataDir);
    const check = (): Promise<unknown> => run(process.execPath, args, { env: { PORT: new URL(engine.url).port } });

    await check();
    await stopEngine(engine);
    await expect(check()).rejects.toMatchObject({ code: 1 });
    await removeFolder(dataDir);
  });
});
