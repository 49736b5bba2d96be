/** What is printed of an address that cannot be taken apart beyond doubt: a part of a password could stand anywhere in it. */
const HIDDEN = '(not shown: it cannot be read as an address)';

const HOST = String.raw`(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?`;
/** Scheme, user and password, hosts, one segment of a path, parameters. An "@" after the hosts would mean that what stands before it is a password. */
const ADDRESS = new RegExp(
  String.raw`^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?((?:${HOST}(?:,${HOST})*)?)(\/[a-z0-9._-]*)?(?:\?([^#@]*))?$`,
  'i',
);

/** Parameters that are no secrets, with the values they can have: anything else in their place is not shown either. */
const HARMLESS: Readonly<Record<string, RegExp>> = {
  sslmode: /^(disable|allow|prefer|require|verify-ca|verify-full|no-verify)$/,
  tls: /^(true|false)$/,
  tlsVerifyCert: /^(true|false)$/,
  nodePreference: /^(leader|follower|random|read_only_replica)$/,
};
/** Parameters that an error may quote: whom to reach, not how to be let in. */
const QUOTABLE = new Set(['host', 'port', 'user', 'dbname', 'db', 'database', 'application_name']);

type Parameter = readonly [name: string, value: string];

const isHarmless = ([name, value]: Parameter): boolean => Object.hasOwn(HARMLESS, name) && HARMLESS[name]?.test(value) === true;

interface Address {
  readonly scheme: string;
  readonly credentials: string;
  readonly hosts: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

function addressOf(text: string): Address | undefined {
  const found = ADDRESS.exec(text);
  if (!found) return undefined;
  const [, scheme = '', credentials = '', hosts = '', path = '', query = ''] = found;
  const parameters = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)] as const);
  return { scheme, credentials, hosts, path, parameters };
}

/** An address as it may be printed: scheme, hosts, path and harmless parameters. Nothing of it, where it cannot be read. */
export function printableAddress(text: string): string {
  const address = addressOf(text);
  if (!address) return HIDDEN;
  const { scheme, hosts, path, parameters } = address;
  const query = parameters
    .filter(isHarmless)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return `${scheme}${hosts}${path}${query && `?${query}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no percent-encoding: it stands for itself
  }
}

/** What must not be printed of an address, in pieces: a client that reads it otherwise than we do may quote a part. */
function secretsOf({ credentials, parameters }: Address): readonly string[] {
  const colon = credentials.indexOf(':');
  const hidden = parameters.filter((parameter) => !isHarmless(parameter) && !QUOTABLE.has(parameter[0]));
  const texts = [credentials.slice(colon + 1), ...hidden.map(([, value]) => value)];
  const forms = texts.flatMap((text) => [text, decoded(text), encodeURIComponent(decoded(text))]);
  return forms.flatMap((form) => [form, ...form.split(/[\s:@/?#&=,;]+/)]).filter((piece) => piece !== '');
}

/**
 * What an error says about the use of an address, in one line. Drivers quote what they stumble over: a message with any piece of a secret in it is left out,
 * and so is any message about an address that cannot be read.
 */
export function printableReason(error: unknown, text: string): string {
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error), code: undefined };
  const [line = ''] = message.split('\n');
  const address = addressOf(text);
  const secrets = address && secretsOf(address).map((secret) => secret.toLowerCase());
  const isSafe = (said: string): boolean => secrets?.some((secret) => said.toLowerCase().includes(secret)) === false;
  if (line !== '' && isSafe(line)) return line;
  const reason = typeof code === 'string' && /^[A-Z0-9_]{3,40}$/.test(code) && isSafe(code) ? code : undefined;
  if (line === '') return reason ?? 'it failed without a reason';
  return `${reason === undefined ? 'its' : `${reason}; its`} message is not shown, for it may quote a password`;
}
