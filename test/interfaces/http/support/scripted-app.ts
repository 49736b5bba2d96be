import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule, type INestApplication, type InjectionToken, type ValueProvider } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { EVENT_LOG_SILENCE, type EventLogSilence } from '../../../../src/application/ports/event-log.js';
import { HEALTH_CHECKS, type HealthCheck } from '../../../../src/application/ports/health.js';
import { LIVE_TIMELINE, type LiveTimeline } from '../../../../src/application/ports/live-timeline.js';
import { LOGGER } from '../../../../src/application/ports/logger.js';
import { METRICS } from '../../../../src/application/ports/metrics.js';
import { START_UP, type StartUp } from '../../../../src/application/ports/start-up.js';
import { configureHttp } from '../../../../src/interfaces/http/configure-http.js';
import type { ConsoleFiles } from '../../../../src/interfaces/http/console/console-files.js';
import type { AllowedHosts } from '../../../../src/interfaces/http/requests/allowed-hosts.middleware.js';
import { HttpModule } from '../../../../src/interfaces/http/http.module.js';
import { HEALTH_CHECK_LIMIT_MS } from '../../../../src/interfaces/http/operations/health.controller.js';
import { STORE_SILENCE_LIMIT_MS } from '../../../../src/interfaces/http/problems/store-silence.interceptor.js';
import {
  EVENT_STREAM_TIMINGS,
  STANDARD_TIMINGS,
  type EventStreamTimings,
} from '../../../../src/interfaces/http/stream/event-stream-timings.js';

@Module({})
class ScriptedPorts {}

const portsModule = (providers: readonly (ValueProvider & { readonly provide: InjectionToken })[]): DynamicModule => ({
  module: ScriptedPorts,
  global: true,
  providers: [...providers],
  exports: providers.map(({ provide }) => provide),
});

type Act = (message: object) => unknown;

export interface LogLine {
  readonly level: 'log' | 'warn' | 'error';
  readonly message: string;
  readonly cause?: unknown;
}

/** The API without an engine: for what needs no answer. It does not listen. */
export async function createSilentApp(): Promise<INestApplication> {
  const providers = [CommandBus, QueryBus, LIVE_TIMELINE, EVENT_LOG_SILENCE, START_UP, HEALTH_CHECKS, METRICS, LOGGER].map((provide) => ({
    provide,
    useValue: {},
  }));
  const module = await Test.createTestingModule({ imports: [portsModule(providers), HttpModule] }).compile();
  return module.createNestApplication({ logger: false });
}

/** An application whose engine answers what a test tells it to. Everything it was asked is in `asked`. */
export interface ScriptedApp {
  readonly app: INestApplication;
  readonly port: number;
  readonly url: string;
  readonly asked: object[];
  readonly log: LogLine[];
  /** Replaces the engine's answer to commands and questions. */
  answer(act: Act): void;
  follow(follow: LiveTimeline['follow']): void;
  followAll(followAll: LiveTimeline['followAll']): void;
  readonly checks: HealthCheck[];
  close(): Promise<void>;
}

export interface ScriptedOptions {
  readonly timings?: Partial<EventStreamTimings>;
  readonly healthCheckLimitMs?: number;
  readonly silence?: EventLogSilence;
  readonly silenceLimitMs?: number;
  readonly startUp?: StartUp;
  readonly bodyParser?: boolean;
  readonly allowed?: Partial<AllowedHosts>;
  readonly console?: ConsoleFiles;
  /** Where it listens; 127.0.0.1 where it is missing. */
  readonly listenOn?: string;
}

async function* nothing(): AsyncGenerator<never> {}

export async function startScriptedApp(options: ScriptedOptions = {}): Promise<ScriptedApp> {
  const asked: object[] = [];
  const log: LogLine[] = [];
  const checks: HealthCheck[] = [];
  let act: Act = () => {
    throw new Error('the test does not say what the engine answers');
  };
  let follow: LiveTimeline['follow'] = nothing;
  let followAll: LiveTimeline['followAll'] = nothing;
  const bus = {
    execute: async (message: object): Promise<unknown> => {
      asked.push(message);
      return await act(message);
    },
  };
  const note =
    (level: LogLine['level']) =>
    (message: string, cause?: unknown): void => {
      log.push({ level, message, cause });
    };
  const providers = [
    { provide: CommandBus, useValue: bus },
    { provide: QueryBus, useValue: bus },
    {
      provide: LIVE_TIMELINE,
      useValue: { follow: (...args) => follow(...args), followAll: (options) => followAll(options) } satisfies LiveTimeline,
    },
    { provide: EVENT_LOG_SILENCE, useValue: options.silence ?? { silentMs: () => 0 } },
    { provide: START_UP, useValue: options.startUp ?? { isDone: true } },
    { provide: HEALTH_CHECKS, useValue: checks },
    {
      provide: METRICS,
      useValue: { contentType: 'text/plain; version=0.0.4; charset=utf-8', render: () => Promise.resolve('runs_total 1\n') },
    },
    { provide: LOGGER, useValue: { log: note('log'), warn: note('warn'), error: note('error') } },
  ];

  const module = await Test.createTestingModule({
    imports: [portsModule(providers), HttpModule],
  })
    .overrideProvider(EVENT_STREAM_TIMINGS)
    .useValue({ ...STANDARD_TIMINGS, quietMs: 60_000, ...options.timings })
    .overrideProvider(STORE_SILENCE_LIMIT_MS)
    .useValue(options.silenceLimitMs ?? 3_000)
    .overrideProvider(HEALTH_CHECK_LIMIT_MS)
    .useValue(options.healthCheckLimitMs ?? 2_000)
    .compile();
  const app = module.createNestApplication({ logger: false, bodyParser: options.bodyParser ?? false });
  configureHttp(app, { host: '127.0.0.1', publicOrigins: [], ...options.allowed }, options.console);
  await app.listen(0, options.listenOn ?? '127.0.0.1');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    log,
    answer: (next) => (act = next),
    follow: (next) => (follow = next),
    followAll: (next) => (followAll = next),
    checks,
    close: () => app.close(),
  };
}
