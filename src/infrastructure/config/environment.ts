import path from 'node:path';
import { z } from 'zod';
import type { ApprovalThreshold } from '../../domain/risk/approval-policy.js';
import { APPROVAL_THRESHOLDS } from '../../domain/risk/approval-policy.js';
import type { RateLimit } from '../../domain/tool/rate-limit.js';
import { isTimeZone } from '../../domain/time-zone.js';
import type { LimitsOfUsers } from '../../application/execution/start-limits.js';
import type { MailSettings } from '../notifications/mail-sender.js';
import type { ConfiguredChannel } from '../../application/ports/notifications.js';
import type { AlertRule } from '../../domain/alert/alert-rule.js';
import { readAlertRules } from './alert-rules.js';
import { ConfigurationError } from './configuration-error.js';
import { readConfiguredChannels } from './configured-channels.js';
import { duration } from './duration.js';
import { printableAddress } from './printable-address.js';
import { readToolSettings, type ToolSettings } from './tool-settings.js';

export const LOG_LEVELS = ['error', 'warn', 'log', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const EVENT_STORE_ADAPTERS = ['in-process', 'network'] as const;
export type EventStoreAdapter = (typeof EVENT_STORE_ADAPTERS)[number];

export interface Configuration {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where people reach the server besides: origins as a browser writes them. */
  readonly publicOrigins: readonly string[];
  /** Absolute. Holds the embedded event store, the embedded database and the sandbox tools' outbox. */
  readonly dataDir: string;
  /** Undefined: the embedded node. */
  readonly eventStoreUrl: string | undefined;
  /** How an embedded node is used: in this process, or over its protocol in a thread of its own, as a server is. */
  readonly eventStoreAdapter: EventStoreAdapter;
  /** Undefined: the embedded database. */
  readonly databaseUrl: string | undefined;
  /** Steps that run at once in this process. */
  readonly workerConcurrency: number;
  /** What one person may have at once, and how often. */
  readonly limitsOfUsers: LimitsOfUsers;
  /** What is said of tools in place of what they say of themselves. */
  readonly toolSettings: ToolSettings;
  /** Channels of notifications that a file names; undefined: none does. */
  readonly channels: readonly ConfiguredChannel[] | undefined;
  readonly alertRules: readonly AlertRule[];
  /** After how long people are reminded of an open approval, ascending, in milliseconds. */
  readonly remindAfterMs: readonly number[];
  /** Whether notifications may be sent into networks of one's own. */
  readonly notifyPrivateNetworks: boolean;
  /** Undefined: no mail is sent. */
  readonly mail: MailSettings | undefined;
  readonly approvalFrom: ApprovalThreshold;
  /** Of people whose submission names none: an IANA name. */
  readonly timeZone: string;
  /** How long a node's lease lasts, in milliseconds. */
  readonly leaseMs: number;
  /** How long running steps may take to finish at shutdown, in milliseconds. */
  readonly shutdownGraceMs: number;
  readonly logLevel: LogLevel;
}

/** A whole number. */
const integerFrom = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most);

const integer = (least: number, most: number, fallback: number) => integerFrom(least, most).default(fallback);

const DAY_S = 24 * 60 * 60;

/** Calls and seconds, such as 100/60. */
const rate = z
  .string()
  .regex(/^[0-9]{1,6}\/[0-9]{1,5}$/)
  .transform((text) => text.split('/').map(Number))
  .refine(([calls, seconds]) => calls! >= 1 && calls! <= 100_000 && seconds! >= 1 && seconds! <= DAY_S)
  .transform(([calls, seconds]): RateLimit => ({ calls: calls!, perMs: seconds! * 1_000 }));

/** Most reminders of one approval. */
const MOST_REMINDERS = 10;

/** Times in ascending order, such as 4h,1d; none at all where it says never. */
const durations = z
  .string()
  .transform((list) => (list.trim() === 'never' ? [] : list.split(',').map((one) => one.trim())))
  .pipe(z.array(duration).max(MOST_REMINDERS))
  .refine((list) => list.every((ms, index) => index === 0 || ms > list[index - 1]!));

const urlWith = (schemes: RegExp) => z.string().refine((value) => schemes.test(value) && URL.canParse(value));

/**
 * No URL where a cluster's hosts are listed in it. Here only the schemes that the client knows are told from others; the rest of the grammar is the client's, and
 * is checked by it before anything is opened.
 */
const connectionString = z
  .string()
  .trim()
  .regex(/^esdb(\+discover)?:\/\/[^/?]/);

const host = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]{1,253}$/)
  .default('127.0.0.1');

const origin = (text: string): string => {
  const { protocol, host: authority } = new URL(text);
  return `${protocol}//${authority}`;
};

const origins = z
  .string()
  .transform((list) => list.split(',').map((one) => one.trim()))
  .refine((list) => list.every((one) => /^https?:\/\/[^/?#@\\\s*]+\/?$/i.test(one) && URL.canParse(one)), { abort: true })
  .transform((list) => list.map(origin))
  .default([]);

/** Each setting with its schema and, in words, what it takes: the source of the README's table too. */
export const SETTINGS = {
  HOST: { schema: host, takes: 'a host name or IP address to listen on' },
  PORT: { schema: integer(0, 65_535, 8000), takes: 'a port number from 0 (any free one) to 65535' },
  LIFEOS_PUBLIC_ORIGIN: {
    schema: origins,
    takes: 'an origin such as https://lifeos.example.org, or several with commas between them',
  },
  LIFEOS_DATA_DIR: { schema: z.string().min(1).default('./data'), takes: 'a folder' },
  EVENTSTORE_URL: {
    schema: connectionString.optional(),
    takes: 'a connection string such as esdb://127.0.0.1:2113?tls=false or, of a cluster, esdb://a:2113,b:2113,c:2113',
  },
  EVENTSTORE_ADAPTER: {
    schema: z.enum(EVENT_STORE_ADAPTERS).default('in-process'),
    takes: 'in-process or, to use the embedded node as a server is used, network',
  },
  DATABASE_URL: {
    schema: urlWith(/^postgres(ql)?:\/\//).optional(),
    takes: 'an address such as postgres://user:password@127.0.0.1:5432/lifeos',
  },
  LIFEOS_WORKER_CONCURRENCY: { schema: integer(1, 1_000, 16), takes: 'a number of steps from 1 to 1000' },
  LIFEOS_USER_CONCURRENCY: {
    schema: integerFrom(1, 1_000).optional(),
    takes: 'a number of steps from 1 to 1000 that one user may have running at once',
  },
  LIFEOS_USER_RATE: { schema: rate.optional(), takes: 'how many attempts of one user begin in how many seconds, such as 100/60' },
  LIFEOS_TOOL_SETTINGS: { schema: z.string().min(1).optional(), takes: 'a JSON file with settings of tools' },
  LIFEOS_CHANNELS: { schema: z.string().min(1).optional(), takes: 'a JSON file with channels of notifications' },
  LIFEOS_REMIND_AFTER: {
    schema: durations.default([DAY_S * 1_000, 3 * DAY_S * 1_000]),
    takes: 'after how long people are reminded of an approval that nobody decided about, such as 4h,1d, or never',
  },
  LIFEOS_ALERTS: { schema: z.string().min(1).optional(), takes: 'a JSON file with rules of alerts' },
  LIFEOS_NOTIFY_PRIVATE_NETWORKS: {
    schema: z.enum(['refuse', 'allow']).default('refuse'),
    takes: 'refuse or, for receivers of notifications in networks of your own, allow',
  },
  LIFEOS_SMTP_URL: { schema: urlWith(/^smtps?:\/\//).optional(), takes: 'an address such as smtps://user:password@mail.example.org' },
  LIFEOS_MAIL_FROM: {
    schema: z
      .string()
      .regex(/^[^\r\n]{1,200}$/)
      .optional(),
    takes: 'the sender of mail, such as LifeOS <lifeos@example.org>',
  },
  LIFEOS_APPROVAL_FROM: { schema: z.enum(APPROVAL_THRESHOLDS).default('L3'), takes: 'L2 or L3' },
  LIFEOS_TIME_ZONE: {
    schema: z
      .string()
      .refine(isTimeZone)
      .default(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
    takes: 'an IANA time zone such as Europe/Berlin',
  },
  LIFEOS_LEASE: {
    schema: duration.refine((ms) => ms >= 3_000 && ms <= 600_000).default(15_000),
    takes: 'how long a node of several may be silent before others take over its steps, from 3s to 10m',
  },
  LIFEOS_SHUTDOWN_GRACE_MS: { schema: integer(0, 600_000, 10_000), takes: 'milliseconds from 0 to 600000' },
  LOG_LEVEL: { schema: z.enum(LOG_LEVELS).default('log'), takes: LOG_LEVELS.join(', ') },
} as const;

type SettingName = keyof typeof SETTINGS;

function read<N extends SettingName>(environment: NodeJS.ProcessEnv, name: N): z.output<(typeof SETTINGS)[N]['schema']> {
  const { schema, takes } = SETTINGS[name];
  // An empty variable is how many deployment tools write "not set".
  const parsed = schema.safeParse(environment[name] === '' ? undefined : environment[name]);
  if (!parsed.success) throw new ConfigurationError(`${name} takes ${takes}; it is ${shown(name, environment[name] ?? '')}.`);
  return parsed.data as z.output<(typeof SETTINGS)[N]['schema']>;
}

/** What a line about a wrong setting shows of its value. An address may stand in the wrong variable too. */
const shown = (name: SettingName, value: string): string =>
  name.endsWith('_URL') || /[@=]|:\/\//.test(value) ? printableAddress(value) : JSON.stringify(value);

function limitsOfUsers(environment: NodeJS.ProcessEnv): LimitsOfUsers {
  const concurrency = read(environment, 'LIFEOS_USER_CONCURRENCY');
  const rateOfUser = read(environment, 'LIFEOS_USER_RATE');
  return { ...(concurrency === undefined ? {} : { concurrency }), ...(rateOfUser && { rate: rateOfUser }) };
}

/** What the file says that a variable names; undefined where the variable is not set. */
function fromFile<T>(
  environment: NodeJS.ProcessEnv,
  variable: 'LIFEOS_TOOL_SETTINGS' | 'LIFEOS_CHANNELS' | 'LIFEOS_ALERTS',
  readFile: (file: string, variable: string, environment: NodeJS.ProcessEnv) => T,
): T | undefined {
  const file = read(environment, variable);
  return file === undefined ? undefined : readFile(path.resolve(file), variable, environment);
}

function mail(environment: NodeJS.ProcessEnv): MailSettings | undefined {
  const url = read(environment, 'LIFEOS_SMTP_URL');
  const from = read(environment, 'LIFEOS_MAIL_FROM');
  if (url !== undefined && from === undefined)
    throw new ConfigurationError('LIFEOS_SMTP_URL needs LIFEOS_MAIL_FROM beside it: the sender of mail.');
  return url === undefined ? undefined : { url, from: from! };
}

/** The configuration in the environment. The only reader of it. @throws ConfigurationError */
export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  return {
    host: read(environment, 'HOST'),
    port: read(environment, 'PORT'),
    publicOrigins: read(environment, 'LIFEOS_PUBLIC_ORIGIN'),
    dataDir: path.resolve(read(environment, 'LIFEOS_DATA_DIR')),
    eventStoreUrl: read(environment, 'EVENTSTORE_URL'),
    eventStoreAdapter: read(environment, 'EVENTSTORE_ADAPTER'),
    databaseUrl: read(environment, 'DATABASE_URL'),
    workerConcurrency: read(environment, 'LIFEOS_WORKER_CONCURRENCY'),
    limitsOfUsers: limitsOfUsers(environment),
    toolSettings: fromFile(environment, 'LIFEOS_TOOL_SETTINGS', readToolSettings) ?? new Map(),
    channels: fromFile(environment, 'LIFEOS_CHANNELS', readConfiguredChannels),
    remindAfterMs: read(environment, 'LIFEOS_REMIND_AFTER'),
    alertRules: fromFile(environment, 'LIFEOS_ALERTS', readAlertRules) ?? [],
    notifyPrivateNetworks: read(environment, 'LIFEOS_NOTIFY_PRIVATE_NETWORKS') === 'allow',
    mail: mail(environment),
    approvalFrom: read(environment, 'LIFEOS_APPROVAL_FROM'),
    timeZone: read(environment, 'LIFEOS_TIME_ZONE'),
    leaseMs: read(environment, 'LIFEOS_LEASE'),
    shutdownGraceMs: read(environment, 'LIFEOS_SHUTDOWN_GRACE_MS'),
    logLevel: read(environment, 'LOG_LEVEL'),
  };
}

/** The same for the demo, whose data folder is another one unless the environment names it: what it does must not mix with what `serve` serves. */
export const readDemoConfiguration = (environment: NodeJS.ProcessEnv = process.env): Configuration =>
  readConfiguration({ ...environment, LIFEOS_DATA_DIR: environment['LIFEOS_DATA_DIR'] || './data-demo' });

/** The same for a cluster on one machine, for the same reason. */
export const readClusterConfiguration = (environment: NodeJS.ProcessEnv = process.env): Configuration =>
  readConfiguration({ ...environment, LIFEOS_DATA_DIR: environment['LIFEOS_DATA_DIR'] || './data-cluster' });
