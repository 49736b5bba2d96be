import { EventStoreDBClient } from '@eventstore/db-client';
import { readConfiguration, readDemoConfiguration } from '../../../src/infrastructure/config/environment.js';

describe('LIFEOS_PUBLIC_ORIGIN', () => {
  it.each([
    ['', []],
    ['https://lifeos.example.org', ['https://lifeos.example.org']],
    ['HTTPS://LifeOS.example.org:443/, http://box.lan:8000', ['https://lifeos.example.org', 'http://box.lan:8000']],
    ['http://[::1]:80', ['http://[::1]']],
  ])('takes %j', (value, expected) => {
    expect(readConfiguration({ LIFEOS_PUBLIC_ORIGIN: value }).publicOrigins).toEqual(expected);
  });

  it.each([
    'lifeos.example.org',
    'https://lifeos.example.org/app',
    'https://*.example.org',
    'https://u:p@example.org',
    'https://a.example,,',
    'null',
    'https://',
  ])('refuses %j in one line', (value) => {
    expect(() => readConfiguration({ LIFEOS_PUBLIC_ORIGIN: value })).toThrow(/^LIFEOS_PUBLIC_ORIGIN takes an origin such as .*\.$/);
  });
});

describe('the data folder of the demo', () => {
  it('is not the one that is served', () => {
    expect(readDemoConfiguration({}).dataDir).not.toBe(readConfiguration({}).dataDir);
    expect(readDemoConfiguration({ LIFEOS_DATA_DIR: '' }).dataDir).toBe(readDemoConfiguration({}).dataDir);
  });

  it('is the one that the environment names', () => {
    const environment = { LIFEOS_DATA_DIR: '/somewhere' };
    expect(readDemoConfiguration(environment)).toEqual(readConfiguration(environment));
    expect(readDemoConfiguration(environment).dataDir).toBe('/somewhere');
  });
});

describe('LIFEOS_TIME_ZONE', () => {
  it("is the machine's where it is not set", () => {
    expect(readConfiguration({}).timeZone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect(readConfiguration({ LIFEOS_TIME_ZONE: 'Asia/Tokyo' }).timeZone).toBe('Asia/Tokyo');
  });

  it.each(['Berlin', '+02:00', 'Mars/Olympus'])('refuses %j', (value) => {
    expect(() => readConfiguration({ LIFEOS_TIME_ZONE: value })).toThrow(/^LIFEOS_TIME_ZONE takes an IANA time zone/);
  });
});

describe('EVENTSTORE_URL', () => {
  it.each([
    'esdb://127.0.0.1:2113?tls=false',
    'esdb://a:2113,b:2113,c:2113?tls=false',
    'esdb://user:p%40ss@a.example,b.example/?nodePreference=follower',
    'esdb+discover://events.example:2113',
    ' esdb://a:2113\n',
  ])('takes %j, as the client does', (value) => {
    expect(readConfiguration({ EVENTSTORE_URL: value }).eventStoreUrl).toBe(value.trim());
    expect(() => EventStoreDBClient.connectionString(value)).not.toThrow();
  });

  it.each([
    'eventstore://a:2113',
    'kurrentdb://a:2113',
    'kurrentdb+discover://a:2113',
    'kdb://a:2113',
    'ESDB://a:2113',
    'http://a:2113',
    'esdb:a:2113',
    'esdb://',
    'esdb://?tls=false',
    'a:2113',
  ])('refuses %j in one line, as the client does', (value) => {
    expect(() => readConfiguration({ EVENTSTORE_URL: value })).toThrow(/^EVENTSTORE_URL takes a connection string such as .*\.$/);
    expect(() => EventStoreDBClient.connectionString(value)).toThrow();
  });
});
