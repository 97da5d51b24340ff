import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { localDate, momentShown, newestFirst, sayAge, sayExactTime, sayTime } from '../../src/shared/time';

const LONDON = 'Europe/London';
const now = new Date('2026-11-20T12:00:00Z');

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ['a browser without Temporal', undefined],
  ['a browser with it', Temporal],
])('in %s', (_, temporal) => {
  beforeEach(() => {
    vi.stubGlobal('Temporal', temporal);
  });

  it.each([
    ['2026-11-20T06:42:00Z', 'today 06:42'],
    ['2026-11-20T00:00:00Z', 'today 00:00'],
    ['2026-11-19T18:05:00Z', 'yesterday 18:05'],
    ['2026-11-17T23:59:00Z', '3 days ago'],
    ['2026-11-13T08:00:00Z', '13 Nov'],
    ['2025-11-13T08:00:00Z', '13 Nov 2025'],
    ['2028-11-13T08:00:00Z', '13 Nov 2028'],
  ])('says the time %s as "%s"', (at, words) => {
    expect(sayTime(at, now, LONDON)).toBe(words);
  });

  it('goes by the local calendar, also where summer time moves midnight', () => {
    const summer = new Date('2026-07-01T10:00:00Z');
    expect(sayTime('2026-06-30T23:30:00Z', summer, LONDON)).toBe('today 00:30');
    expect(sayTime('2026-06-30T22:30:00Z', summer, LONDON)).toBe('yesterday 23:30');
    expect(sayTime('2026-10-24T23:30:00Z', new Date('2026-10-25T12:00:00Z'), LONDON)).toBe('today 00:30');
  });

  it('says the exact time when asked', () => {
    expect(sayExactTime('2026-11-20T06:42:00Z', LONDON)).toBe('Friday 20 November 2026 at 06:42');
    expect(sayExactTime('2024-02-29T23:05:00Z', 'Asia/Kolkata')).toBe('Friday 1 March 2024 at 04:35');
  });
});

it('says every moment alike with Temporal and without', () => {
  const moments = fc.date({ min: new Date('1996-01-01'), max: new Date('2037-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(moments, (at) => {
      const said = [undefined, Temporal].map((temporal) => {
        vi.stubGlobal('Temporal', temporal);
        return [sayExactTime(at, LONDON), localDate(at, LONDON)];
      });
      expect(said[1]).toEqual(said[0]);
    }),
  );
});

it.each([
  ['2026-11-20T06:42', LONDON, '2026-11-20T06:42:00.000Z'],
  ['2026-07-01T00:00', LONDON, '2026-06-30T23:00:00.000Z'],
  ['2026-03-29T00:00', LONDON, '2026-03-29T00:00:00.000Z'],
  ['2026-03-30T00:00', LONDON, '2026-03-29T23:00:00.000Z'],
  ['2026-10-25T00:30', LONDON, '2026-10-24T23:30:00.000Z'],
  ['2026-10-25T01:30', LONDON, '2026-10-25T01:30:00.000Z'],
  ['2026-03-29T00:00', 'Pacific/Auckland', '2026-03-28T11:00:00.000Z'],
  ['2026-04-06T00:00', 'Pacific/Auckland', '2026-04-05T12:00:00.000Z'],
])('knows the moment at which clocks show %s in %s', (shown, zone, moment) => {
  expect(momentShown(shown, zone).toISOString()).toBe(moment);
});

it('knows for any day when it begins, and of no day', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1996-01-01'), max: new Date('2037-12-31'), noInvalidDate: true }), (at) => {
      const start = momentShown(`${localDate(at, LONDON)}T00:00`, LONDON);
      expect(sayExactTime(start, LONDON)).toMatch(/at 00:00$/);
      expect(localDate(start, LONDON)).toBe(localDate(at, LONDON));
    }),
  );
  expect(momentShown('soon', LONDON).getTime()).toBeNaN();
});

it('puts the newest moment first', () => {
  const moments = ['2026-11-20T06:42:00.000Z', '2026-11-20T06:42:00.001Z', '2025-12-31T23:59:59.000Z', '2026-11-20T06:42:00.001Z'];
  expect(moments.sort(newestFirst)).toEqual([
    '2026-11-20T06:42:00.001Z', '2026-11-20T06:42:00.001Z', '2026-11-20T06:42:00.000Z', '2025-12-31T23:59:59.000Z',
  ]);
});

it.each([
  [0, 'just now'],
  [42, '42 s ago'],
  [61, '1 min ago'],
  [7_300, '2 h ago'],
])('says an age of %i s as "%s"', (seconds, words) => {
  expect(sayAge(seconds)).toBe(words);
});
