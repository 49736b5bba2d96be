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
