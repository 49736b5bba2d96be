import { z } from 'zod';
import type { ConfiguredChannel } from '../../application/ports/notifications.js';
import { CHANNEL_KINDS, MAX_CHANNELS } from '../../domain/notification/channel.js';
import { NOTIFICATION_TYPES, type ChannelFilter } from '../../domain/notification/notification.js';
import { RISK_LEVELS } from '../../domain/risk/risk-level.js';
import { readJsonFile } from './json-file.js';

/** Of a secret of Standard Webhooks, in bytes. */
const LEAST_SECRET = 24;
const MOST_SECRET = 64;

const someOf = <T extends z.ZodType>(schema: T) => z.array(schema).min(1).max(100);

const filter = z
  .strictObject({
    user_ids: z.exactOptional(someOf(z.int().min(1))),
    tools: z.exactOptional(someOf(z.string().min(1).max(200))),
    risk_from: z.exactOptional(z.enum(RISK_LEVELS)),
  })
  .transform(({ user_ids: userIds, tools, risk_from: riskFrom }): ChannelFilter => ({
    ...(userIds === undefined ? {} : { userIds }),
    ...(tools === undefined ? {} : { tools }),
    ...(riskFrom === undefined ? {} : { riskFrom }),
  }));

const isSecret = (text: string): boolean => {
  const bytes = /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text.slice('whsec_'.length), 'base64').length : 0;
  return bytes >= LEAST_SECRET && bytes <= MOST_SECRET;
};

/** A text, or the name of the variable that holds it: files are shown to more people than secrets are. */
const textFrom = (environment: NodeJS.ProcessEnv) =>
  z.union([z.string().min(1).max(2_000), z.strictObject({ from_env: z.string().regex(/^[A-Za-z_]\w*$/) })]).transform((text, context) => {
    if (typeof text === 'string') return text;
    const value = environment[text.from_env];
    if (value) return value;
    context.addIssue({ code: 'custom', message: `${text.from_env} is not set` });
    return z.NEVER;
  });

function channelIn(environment: NodeJS.ProcessEnv) {
  const text = textFrom(environment);
  return z
    .strictObject({
      name: z.string().trim().min(1).max(100),
      type: z.enum(CHANNEL_KINDS),
      url: z.exactOptional(text),
      address: z.exactOptional(text),
      secret: z.exactOptional(text),
      events: z.exactOptional(z.array(z.enum(NOTIFICATION_TYPES)).min(1)),
      filter: z.exactOptional(filter),
    })
    .superRefine(({ type, url, address, secret }, context) => {
      const refuse = (member: string, message: string): void => context.addIssue({ code: 'custom', path: [member], message });
      const [needed, other] = type === 'email' ? (['address', 'url'] as const) : (['url', 'address'] as const);
      const given = { url, address };
      if (given[needed] === undefined) refuse(needed, `a channel of type ${type} needs it`);
      if (given[other] !== undefined) refuse(other, `a channel of type ${type} has none`);
      if (type !== 'webhook' && secret !== undefined) refuse('secret', `a channel of type ${type} has none`);
      if (type === 'webhook' && (secret === undefined || !isSecret(secret)))
        refuse('secret', `takes whsec_ and ${LEAST_SECRET} to ${MOST_SECRET} bytes in base64`);
    })
    .transform(({ name, type, url, address, secret, events, filter: chosen = {} }): ConfiguredChannel => ({
      ...{ name, kind: type, address: (url ?? address)!, filter: chosen },
      ...(secret === undefined ? {} : { secret }),
      ...(events === undefined ? {} : { events }),
    }));
}

/**
 * The channels in a JSON file.
 * @param variable what named the file
 * @param environment where texts are that it leaves to variables
 * @throws ConfigurationError in one line, which holds no secret
 */
export const readConfiguredChannels = (file: string, variable: string, environment: NodeJS.ProcessEnv): readonly ConfiguredChannel[] => {
  const channels = z
    .array(channelIn(environment))
    .max(MAX_CHANNELS)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two channels have one name');
  return readJsonFile(file, variable, channels);
};
