import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { metresBetween } from '../../src/shared/distance';
import { inGreatBritain, toGridReference } from '../../src/shared/grid';
import { parseGridReference } from '../../src/shared/grid-reference';
import { fromNationalGrid, toNationalGrid } from '../../src/shared/osgb';

function parsed(text: string) {
  const answer = parseGridReference(text);
  if (!answer.ok) throw new Error(answer.message);
  return answer.place;
}

describe('the National Grid', () => {
  it('puts a point near Atherstone within 5 m of SP 30965 97615', () => {
    const { easting, northing } = toNationalGrid({ lat: 52.5755, lon: -1.5445 });
    expect(Math.hypot(easting - 430_965, northing - 297_615)).toBeLessThan(5);
  });

  it("puts the Ordnance Survey's worked point within 5 m of its published place", () => {
    const place = parsed('TG 51409 13177');
    expect(metresBetween(place, { lat: 52.658007833, lon: 1.716073973 })).toBeLessThan(5);
  });

  it('comes back to where it started', () => {
    const inBritain = fc.record({
      lat: fc.double({ min: 50, max: 60, noNaN: true }),
      lon: fc.double({ min: -6, max: 1.5, noNaN: true }),
    });
    fc.assert(
      fc.property(inBritain, (point) => {
        expect(metresBetween(fromNationalGrid(toNationalGrid(point)), point)).toBeLessThan(0.05);
      }),
    );
  });
});

describe('toGridReference', () => {
  it('writes as many figures as asked for, cutting and never rounding', () => {
    const point = fromNationalGrid({ easting: 430_965.9, northing: 297_615.9 });
    expect(toGridReference(point)).toBe('SP 30965 97615');
    expect(toGridReference(point, 3)).toBe('SP 309 976');
    expect(toGridReference(point, 2)).toBe('SP 30 97');
  });

  it.each([
    ['Lerwick', 60.155, -1.145, 'HU'],
    ['Edinburgh', 55.953, -3.188, 'NT'],
    ['Land’s End', 50.066, -5.715, 'SW'],
    ['Cardiff', 51.4816, -3.1791, 'ST'],
    ['Stranraer', 54.903, -5.027, 'NX'],
    ['Campbeltown', 55.424, -5.607, 'NR'],
    ['Port Ellen', 55.63, -6.19, 'NR'],
    ['Margate', 51.389, 1.386, 'TR'],
  ])('knows the square of %s', (_name, lat, lon, square) => {
    expect(toGridReference({ lat, lon })?.slice(0, 2)).toBe(square);
  });

  it.each([
    ['Dublin', 53.35, -6.26],
    ['Belfast', 54.597, -5.93],
    ['Larne', 54.85, -5.82],
    ['Rathlin Island', 55.29, -6.2],
    ['Douglas', 54.15, -4.48],
    ['Point of Ayre', 54.416, -4.37],
    ['Calais', 50.95, 1.85],
    ['Guernsey', 49.45, -2.58],
    ['nowhere', 0, 0],
    ['Sydney', -33.87, 151.2],
  ])('refuses %s', (_name, lat, lon) => {
    expect(toGridReference({ lat, lon })).toBeNull();
    expect(inGreatBritain({ lat, lon })).toBe(false);
  });
});

describe('parseGridReference', () => {
  it.each([
    'SP 30965 97615',
    'SP3096597615',
    'sp 30965 97615',
    '  Sp30965,97615 ',
    'SP/30965/97615',
    'SP 3096597615',
    '430965 297615',
    '430965, 297615',
    '430965.4, 297615.9',
    'E 430965 N 297615',
  ])('reads %s', (text) => {
    expect(parsed(text).text).toBe('SP 30965 97615');
    expect(metresBetween(parsed(text), { lat: 52.5755, lon: -1.5445 })).toBeLessThan(6);
  });

  it('says how far out the place may be from the figures given', () => {
    expect(parsed('SP 30 97').accuracy_m).toBe(713);
    expect(parsed('SP 309 976').accuracy_m).toBe(76);
    expect(parsed('SP 3096 9761').accuracy_m).toBe(13);
    expect(parsed('SP 30965 97615').accuracy_m).toBe(6);
  });

  it.each([
    ['SP 30965 9761', /same number/],
    ['SP 30965 976', /same number/],
    ['SP 309/97615', /same number/],
    ['SP 3', /same number/],
    ['SP 39', /at least four/],
    ['SP 309651 976152', /Ten figures/],
    ['SI 309 976', /two letters/],
    ['AA 309 976', /not in Great Britain/],
    ['NW 500 500', /not in Great Britain/],
    ['900000 297615', /not in Great Britain/],
    ['by the bridge', /two letters/],
    ['', /two letters/],
  ])('refuses %s with a reason', (text, reason) => {
    expect(parseGridReference(text)).toEqual({ ok: false, message: expect.stringMatching(reason) as string });
  });

  it('reads what toGridReference writes, and lands in the same square', () => {
    const metres = fc.record({
      easting: fc.integer({ min: 300_000, max: 600_000 }),
      northing: fc.integer({ min: 200_000, max: 400_000 }),
    });
    fc.assert(
      fc.property(metres, fc.integer({ min: 2, max: 5 }), (at, figures) => {
        const point = fromNationalGrid({ easting: at.easting + 0.5, northing: at.northing + 0.5 });
        const text = toGridReference(point, figures);
        if (text === null) return;
        expect(parsed(text).text).toBe(text);
        expect(metresBetween(parsed(text), point)).toBeLessThanOrEqual(parsed(text).accuracy_m);
      }),
    );
  });
});
