import { readConfiguration } from '../../../src/infrastructure/config/environment.js';

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
