import { expect, it } from 'vitest';

import { metresBetween, sayDistance } from '../../src/shared/distance';

it('measures a known distance: Big Ben to the Tower of London', () => {
  const metres = metresBetween({ lat: 51.50073, lon: -0.12463 }, { lat: 51.50811, lon: -0.07595 });
  expect(metres).toBeGreaterThan(3_450);
  expect(metres).toBeLessThan(3_490);
});

it.each([
  [8.4, '8 m'],
  [347, '350 m'],
  [644, '0.4 mi'],
  [1_770, '1.1 mi'],
  [19_312, '12 mi'],
])('says %d m as %s', (metres, words) => {
  expect(sayDistance(metres)).toBe(words);
});
