import { describe, expect, it } from 'vitest';

import { officeDay, saidDay, saidMonth, saidNumber } from '../../src/parts/words/said';

describe('saidDay', () => {
  it.each([
    ['2026-11-20', '20 Nov 2026'],
    ['2026-09-01', '1 Sept 2026'],
    ['2026-11-20T23:30:00Z', '20 Nov 2026'],
    ['2026-05-31T23:00:00Z', '1 Jun 2026'],
  ])('says %s as "%s", a moment by the clock on the wall', (at, words) => {
    expect(saidDay(at)).toBe(words);
  });
});

it('knows the day it is in the offices, also where summer time moves midnight', () => {
  expect(officeDay(new Date('2026-06-30T23:30:00Z'))).toBe('2026-07-01');
  expect(officeDay(new Date('2026-12-31T23:30:00Z'))).toBe('2026-12-31');
});

it('says months and numbers', () => {
  expect(saidMonth('2026-09')).toBe('Sept 2026');
  expect(saidMonth('2026-09', 'long')).toBe('September 2026');
  expect([saidNumber(62), saidNumber(1_204)]).toEqual(['62', '1,204']);
});
