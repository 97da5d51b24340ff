import fc from 'fast-check';
import { expect, it } from 'vitest';

import { askedMoments, chosenWindow, OWN_DAYS, saidWhole, windowsOn } from '../../src/desk/overview/windows';
import { saidDay } from '../../src/parts/words/said';

it.each([
  ['2026-11-21', ['2026-10-01', ''], ['2026-07-01', '2026-09-30'], ['2026-04-01', ''], ['2025-04-01', '2026-03-31']],
  ['2026-03-31', ['2026-01-01', ''], ['2025-10-01', '2025-12-31'], ['2025-04-01', ''], ['2024-04-01', '2025-03-31']],
  ['2028-04-01', ['2028-04-01', ''], ['2028-01-01', '2028-03-31'], ['2028-04-01', ''], ['2027-04-01', '2028-03-31']],
])('on %s, quarters and financial years begin and end as councils report them', (today, ...expected) => {
  const named = windowsOn(today).filter(({ code }) => ['quarter', 'last-quarter', 'year', 'last-year'].includes(code));
  expect(named.map(({ from, to }) => [from, to])).toEqual(expected);
});

it('names each in a few words', () => {
  expect(windowsOn('2026-11-21').map(({ name }) => name)).toEqual([
    'The last twelve months',
    'This quarter, from Oct',
    'Last quarter, Jul to Sept',
    'This financial year',
    'Last financial year',
    'Five years, from Apr 2022',
    'Days of my own…',
  ]);
  expect(windowsOn('2026-02-01')[2]?.name).toBe('Last quarter, Oct to Dec');
});

it('knows the window an address asks for, on any day', () => {
  const days = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(days, (at) => {
      const windows = windowsOn(at.toISOString().slice(0, 10));
      for (const { from, to } of windows) {
        const found = windows.find(({ code }) => code === chosenWindow({ from, to }, windows));
        expect([found?.from, found?.to]).toEqual([from, to]);
      }
    }),
  );
  expect(chosenWindow({ from: '2026-01-02' }, windowsOn('2026-11-21'))).toBe(OWN_DAYS);
});

it('asks for whole days, the last one included, and says them so', () => {
  expect(askedMoments({ from: '2026-07-01', to: '2026-09-30' })).toEqual({ from: '2026-06-30T23:00:00.000Z', to: '2026-09-30T23:00:00.000Z' });
  expect(askedMoments({ from: '2026-01-01', to: '2026-03-31' })).toEqual({ from: '2026-01-01T00:00:00.000Z', to: '2026-03-31T23:00:00.000Z' });
  expect(askedMoments({ from: 'soon' })).toEqual({ from: '', to: '' });
  expect(saidWhole({ from: '2026-06-30T23:00:00Z', to: '2026-09-30T23:00:00Z' })).toBe('1 Jul 2026 to 30 Sept 2026');
});

it('says the days that were asked for, whatever the device’s own clock', () => {
  const days = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-12-31'), noInvalidDate: true }).map((at) => at.toISOString().slice(0, 10));
  fc.assert(
    fc.property(days, days, (one, other) => {
      const { from = '', to = '' } = askedMoments({ from: one, to: other });
      expect(saidWhole({ from, to })).toBe(`${saidDay(one)} to ${saidDay(other)}`);
    }),
  );
});
