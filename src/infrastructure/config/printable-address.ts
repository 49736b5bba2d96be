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

/** Parameters that clients know; any other name may be the rest of a secret in which an "&" stands as it is. */
const KNOWN = new Set([
  ...Object.keys(HARMLESS),
  ...QUOTABLE,
  ...['password', 'passfile', 'options', 'service', 'connect_timeout', 'sslcert', 'sslkey', 'sslpassword', 'sslrootcert', 'ssl'],
  ...['tlsCAFile', 'userCertFile', 'userKeyFile', 'connectionName', 'defaultDeadline', 'keepAliveInterval', 'keepAliveTimeout'],
  ...['discoveryInterval', 'gossipTimeout', 'maxDiscoverAttempts', 'throwOnAppendFailure', 'defaultCredentials'],
]);

type Parameter = readonly [name: string, value: string];

const isHarmless = ([name, value]: Parameter): boolean => Object.hasOwn(HARMLESS, name) && HARMLESS[name]?.test(value) === true;

interface Address {
  readonly scheme: string;
  readonly credentials: string;
  readonly hosts: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly query: string;
}

function addressOf(text: string): Address | undefined {
  const found = ADDRESS.exec(text);
  if (!found) return undefined;
  const [, scheme = '', credentials = '', hosts = '', path = '', query = ''] = found;
  const parameters = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)] as const);
  return { scheme, credentials, hosts, path, parameters, query };
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

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text; // half a character: nobody can encode it
  }
}

/** The text, its parts between characters that take addresses apart, and what stands before and behind each of these. */
function pieces(text: string): readonly string[] {
  const cuts = [...text.matchAll(/[\s:@/?#&=,;]/g)].map(({ index }) => index);
  const ends = cuts.flatMap((cut) => [text.slice(0, cut), text.slice(cut + 1)]);
  // One or two of those characters stand in every other message.
  return [text, ...text.split(/[\s:@/?#&=,;]+/), ...ends.filter((end) => end.length > 2)];
}

/** What must not be printed of an address, in pieces: a client that reads it otherwise than we do may quote a part. */
function secretsOf({ credentials, parameters, query }: Address): readonly string[] {
  const colon = credentials.indexOf(':');
  const hidden = parameters.filter((parameter) => !isHarmless(parameter) && !QUOTABLE.has(parameter[0]));
  const strange = parameters.map(([name]) => name).filter((name) => !KNOWN.has(name));
  // Where the password is empty, or the name is stranger than that, the secret has taken the place of the name.
  const named = colon >= 0 && colon < credentials.length - 1 && /^[\w.+-]*$/.test(credentials.slice(0, colon));
  const texts = [named ? credentials.slice(colon + 1) : credentials, ...hidden.map(([, value]) => value), ...strange];
  const forms = texts.flatMap((text) => [text, decoded(text), encoded(text), encoded(decoded(text))]);
  // A value in which an "&" stands as it is goes on to the end.
  const rests = hidden.map(([name]) => query.slice(query.indexOf(`${name}=`) + name.length + 1));
  return [...forms.flatMap(pieces), ...rests].filter((piece) => piece !== '');
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
