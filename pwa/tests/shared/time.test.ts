import { describe, expect, it } from 'vitest';

import { sayAge, sayExactTime, sayTime } from '../../src/shared/time';

const LONDON = 'Europe/London';
const now = new Date('2026-11-20T12:00:00Z');

describe('sayTime', () => {
  it.each([
    ['2026-11-20T06:42:00Z', 'today 06:42'],
    ['2026-11-20T00:00:00Z', 'today 00:00'],
    ['2026-11-19T18:05:00Z', 'yesterday 18:05'],
    ['2026-11-17T23:59:00Z', '3 days ago'],
    ['2026-11-13T08:00:00Z', '13 Nov'],
    ['2025-11-13T08:00:00Z', '13 Nov 2025'],
    ['2028-11-13T08:00:00Z', '13 Nov 2028'],
  ])('says %s as "%s"', (at, words) => {
    expect(sayTime(at, now, LONDON)).toBe(words);
  });

  it('goes by the local calendar, also where summer time moves midnight', () => {
    const summer = new Date('2026-07-01T10:00:00Z');
    expect(sayTime('2026-06-30T23:30:00Z', summer, LONDON)).toBe('today 00:30');
    expect(sayTime('2026-06-30T22:30:00Z', summer, LONDON)).toBe('yesterday 23:30');
    expect(sayTime('2026-10-24T23:30:00Z', new Date('2026-10-25T12:00:00Z'), LONDON)).toBe('today 00:30');
  });
});

it('says the exact time when asked', () => {
  expect(sayExactTime('2026-11-20T06:42:00Z', LONDON)).toBe('Friday 20 November 2026 at 06:42');
});

it.each([
  [0, 'just now'],
  [42, '42 s ago'],
  [61, '1 min ago'],
  [7_300, '2 h ago'],
])('says an age of %i s as "%s"', (seconds, words) => {
  expect(sayAge(seconds)).toBe(words);
});
