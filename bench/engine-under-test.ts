import { fork, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuOfThreads, nowMs } from './measuring.js';

const PROGRAM = fileURLToPath(new URL('./engine.process.js', import.meta.url));

/** What the build leaves beside the program: an initialised database, of which new ones are copies, and the console, which is built apart and may be a newer one. */
for (const name of ['empty-database', 'console']) {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (name === 'console') rmSync(beside, { recursive: true, force: true });
  if (!existsSync(beside)) cpSync(path.resolve('dist', name), beside, { recursive: true });
}

export interface Answer {
  readonly workflow_id: number;
  readonly position: string;
}

/** Whether the engine had closed the connection, which was long idle, before it got the request. */
const isStale = (request: http.ClientRequest, error: NodeJS.ErrnoException): boolean => request.reusedSocket && error.code === 'ECONNRESET';

/** An engine in a process of its own, with a data folder that goes with it, and a client of its API. */
export class EngineUnderTest {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 2_048 });
  private readonly bodies = new Map<string, (at: number) => void>();

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** From the start of the process until it was ready. */
    readonly startMs: number,
    private readonly dataDir: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    child.on('message', (message: { readonly run: string; readonly at: number }) => this.bodies.get(message.run)?.(message.at));
  }

  static async start(environment: NodeJS.ProcessEnv = {}, dataDir = mkdtempSync(path.join(tmpdir(), 'bench-'))): Promise<EngineUnderTest> {
    const began = nowMs();
    const env = {
      ...process.env,
      ...environment,
      PORT: '0',
      LIFEOS_DATA_DIR: dataDir,
      LIFEOS_WORKER_CONCURRENCY: '200',
      LOG_LEVEL: 'warn',
    };
    const child = fork(PROGRAM, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const url = await new Promise<string>((resolve, reject) => {
      child.once('message', (message: { readonly url: string }) => resolve(message.url));
      child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)));
    });
    return new EngineUnderTest(child, url, nowMs() - began, dataDir, environment);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** CPU seconds of the engine's main thread, of the thread of the embedded database (the next busiest), and of all. */
  cpu(): { readonly main: number; readonly next: number; readonly all: number } {
    const threads = cpuOfThreads(this.pid);
    return { main: threads[0]!.seconds, next: threads[1]!.seconds, all: threads.reduce((sum, { seconds }) => sum + seconds, 0) };
  }

  call<T>(method: string, target: string, body?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? '' : JSON.stringify(body);
      const headers = payload === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
      const request = http.request(new URL(target, this.url), { method, agent: this.agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          response.statusCode! < 300 ? resolve((text === '' ? undefined : JSON.parse(text)) as T) : reject(new Error(`${target}: ${text}`)),
        );
      });
      request.on('error', (error) => (isStale(request, error) ? resolve(this.call<T>(method, target, body)) : reject(error)));
      request.end(payload);
    });
  }

  submit(plan: object, intent = 'a benchmark'): Promise<Answer> {
    return this.call('POST', '/api/workflows', { user_id: 1, intent, plan });
  }

  /** Follows a live stream until it ends, or `onText` says that it has enough. */
  follow(target: string, onText: (text: string, response: http.IncomingMessage) => 'more' | 'enough' = () => 'more'): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = http.get(new URL(target, this.url), { agent: this.agent, headers: { accept: 'text/event-stream' } }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`${target}: ${response.statusCode}`));
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          if (onText(text, response) === 'more') return;
          response.destroy();
          resolve();
        });
        response.on('end', resolve);
        response.on('error', () => resolve());
      });
      request.on('error', (error) => (isStale(request, error) ? resolve(this.follow(target, onText)) : reject(error)));
    });
  }

  /** Submits a run and follows it to its end. */
  async run(plan: object): Promise<void> {
    const { workflow_id } = await this.submit(plan);
    await this.follow(`/api/workflows/${workflow_id}/stream`);
  }

  /** When the body of a step that tells runs, on the clock of `nowMs`. */
  bodyOf(run: string): Promise<number> {
    return new Promise((resolve) => this.bodies.set(run, resolve));
  }

  /** Milliseconds until the read models hold everything that the log holds now. */
  async caughtUpAfter(): Promise<number> {
    const began = nowMs();
    const metric = (text: string, name: string): number => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
    for (;;) {
      const text = await (await fetch(new URL('/metrics', this.url))).text();
      if (metric(text, 'lifeos_read_models_position') >= metric(text, 'lifeos_event_log_position')) return nowMs() - began;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends it and starts it again on the same folder. */
  async restart(): Promise<EngineUnderTest> {
    await this.end();
    return EngineUnderTest.start(this.environment, this.dataDir);
  }

  /** Ends it and has something done to its folder, with its environment. */
  async rebuilt<T>(work: (environment: NodeJS.ProcessEnv) => T): Promise<T> {
    await this.end();
    return work({ ...process.env, ...this.environment, LIFEOS_DATA_DIR: this.dataDir });
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async end(): Promise<void> {
    this.agent.destroy();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
