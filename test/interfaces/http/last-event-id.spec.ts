import { lastEventIdField, resumeRevision } from '../../../src/interfaces/http/stream/last-event-id.js';

describe('where a stream is resumed', () => {
  it.each([
    [undefined, undefined, undefined],
    ['', undefined, undefined],
    [undefined, '', undefined],
    ['', '', undefined],
    ['', '4', 4],
    ['3', '', 3],
    ['3', '4', 3],
    ['0', undefined, 0],
  ])('header %j and parameter %j: after %j', (header, parameter, expected) => expect(resumeRevision(header, parameter)).toBe(expected));

  it('names the place of what is wrong', () => {
    expect(() => resumeRevision('', 'x')).toThrow(/^\/last_event_id must be/);
    expect(() => resumeRevision('x', '4')).toThrow(/^Last-Event-ID must be/);
    expect(lastEventIdField('')).toBe('/last_event_id');
  });
});
