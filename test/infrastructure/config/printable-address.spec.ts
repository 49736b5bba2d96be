import fc from 'fast-check';
import { readConfiguration } from '../../../src/infrastructure/config/environment.js';
import { printableAddress, printableReason } from '../../../src/infrastructure/config/printable-address.js';

const encode = encodeURIComponent;
/** Every place in which people put secrets, and several in which they do not belong. */
const FORMS: readonly ((secret: string) => string)[] = [
  (secret) => `postgres://lifeos:${secret}@db.example:5432/lifeos`,
  (secret) => `postgres://lifeos:${encode(secret)}@db.example:5432/lifeos?sslmode=require`,
  (secret) => `postgres://${secret}@db.example/lifeos`,
  (secret) => `postgres://:${secret}@/lifeos`,
  (secret) => `postgres://lifeos:${secret}@db.example:port/lifeos`,
  (secret) => `postgres://lifeos:${secret}@`,
  (secret) => `postgres:lifeos:${secret}@db.example/lifeos`,
  (secret) => `mysql://lifeos:${secret}@db.example/lifeos`,
  (secret) => `lifeos:${secret}@db.example`,
  (secret) => `host=db.example user=lifeos password=${secret}`,
  (secret) => `postgres://db.example/lifeos#${secret}`,
  (secret) => `esdb://admin:${secret}@a.example:2113,b.example:2113?tls=true&nodePreference=leader`,
  (secret) => `esdb+discover://admin:${encode(secret)}@events.example?tls=false`,
  (secret) => `https://lifeos:${secret}@lifeos.example`,
  ...['password', 'Password', 'sslpassword', 'passfile', 'sslkey', 'token', 'userKeyFile', 'anything', 'sslmode', 'tls'].flatMap((name) => [
    (secret: string): string => `postgres://lifeos@db.example/lifeos?sslmode=require&${name}=${secret}`,
    (secret: string): string => `esdb://db.example:2113?${name}=${encode(secret)}&tls=true`,
  ]),
];

/** Odd characters, and those that take addresses apart. */
const secrets = fc
  .string({
    unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...'@:/?#&=%[]\\ +"\'xX7')),
    minLength: 3,
  })
  .filter((text) => !/\p{Surrogate}/u.test(text));

function complaint(variable: string, value: string): string {
  try {
    readConfiguration({ [variable]: value });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('printing an address', () => {
  it.each([
    ['postgres://lifeos:pw@127.0.0.1:5432/lifeos', 'postgres://127.0.0.1:5432/lifeos'],
    ['postgres://lifeos:p@w@db.example/lifeos?sslmode=require', 'postgres://db.example/lifeos?sslmode=require'],
    ['postgres:///lifeos?host=/run/postgresql', 'postgres:///lifeos'],
    ['postgres://[::1]:5432/lifeos?password=pw', 'postgres://[::1]:5432/lifeos'],
    ['esdb://a:b@one:2113,two:2113/?tls=false&connectionName=x', 'esdb://one:2113,two:2113/?tls=false'],
    ['postgres://lifeos:a/b@db.example/lifeos', '(not shown: it cannot be read as an address)'],
    ['', '(not shown: it cannot be read as an address)'],
  ])('shows of %j only %j', (text, expected) => expect(printableAddress(text)).toBe(expected));

  it('prints no secret, wherever it stands', () => {
    const always = FORMS.map((form) => printableAddress(form('')));
    fc.assert(
      fc.property(fc.constantFrom(...FORMS), secrets, (form, secret) => {
        const text = form(secret);
        // What is printed where there is no such secret: a secret that is a part of that gives nothing away.
        fc.pre(![...always, printableAddress('')].some((said) => said.includes(secret)));
        expect(printableAddress(text)).not.toContain(secret);
        expect(printableAddress(text)).not.toContain(encode(secret));
      }),
      { numRuns: 1_000 },
    );
  });

  it('prints no secret in the line about a setting that is wrong', () => {
    const variables = ['DATABASE_URL', 'EVENTSTORE_URL', 'HOST', 'PORT', 'LOG_LEVEL'];
    fc.assert(
      fc.property(fc.constantFrom(...variables), fc.constantFrom(...FORMS), secrets, (variable, form, secret) => {
        fc.pre(![...variables.flatMap((one) => [complaint(one, '@'), complaint(one, form(''))])].some((said) => said.includes(secret)));
        expect(complaint(variable, form(secret))).not.toContain(secret);
      }),
      { numRuns: 500 },
    );
  });
});

describe('printing the reason why an address cannot be used', () => {
  const url = 'postgres://lifeos:s3cret@db.example:5432/lifeos?sslkey=/etc/own.key';

  it.each([
    ['password authentication failed for user "lifeos"', 'password authentication failed for user "lifeos"'],
    ['connect ECONNREFUSED db.example:5432\nat somewhere', 'connect ECONNREFUSED db.example:5432'],
    ['no way to S3CRET', 'its message is not shown, for it may quote a password'],
    ["open '/etc/own.key'", 'its message is not shown, for it may quote a password'],
    ['', 'it failed without a reason'],
  ])('says of %j: %j', (message, expected) => expect(printableReason(new Error(message), url)).toBe(expected));

  it('takes what follows an "&" in a secret for a part of it', () => {
    const said = printableReason(new Error('no option h1dden'), 'postgres://db.example/lifeos?password=&h1dden');
    expect(said).toBe('its message is not shown, for it may quote a password');
  });

  it('names the code of an error that quotes a secret', () => {
    const error = Object.assign(new Error("ENOENT: no such file or directory, open '/etc/own.key'"), { code: 'ENOENT' });
    expect(printableReason(error, url)).toBe('ENOENT; its message is not shown, for it may quote a password');
    expect(printableReason(error, 'postgres://a/b@c')).toBe('its message is not shown, for it may quote a password');
  });

  it('prints no secret, however a driver quotes it', () => {
    const quotes = [(text: string) => text, encode, (text: string) => text.toLowerCase(), (text: string) => text.split('@').pop() ?? ''];
    fc.assert(
      fc.property(fc.constantFrom(...FORMS), secrets, fc.constantFrom(...quotes), (form, secret, quote) => {
        const quoted = quote(secret);
        fc.pre(quoted.length > 2 && /\S/.test(quoted));
        const said = printableReason(new Error(`stumbled over <<${quoted}>>`), form(secret));
        expect(said).not.toContain(`<<${quoted}>>`);
      }),
      { numRuns: 1_000 },
    );
  });
});
