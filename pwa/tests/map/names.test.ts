import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { findNames, fold, slipsBetween } from '../../src/map/names';
import type { PocketNames } from '../../src/wire/types';

const texts = ['', 'Castle Road', 'Corley', "Hoar's Farm", 'Hartshill', 'Oldbury Road', "St. John's Road", 'Weddington Lane'];
const at = (name: string): number => texts.indexOf(name);

/** Two roads of one name, 20 km apart, and what stands around the first. */
const names: PocketNames = {
  format: 1,
  south: 52.5,
  west: -1.6,
  texts: texts.join('\n'),
  kinds: 'rrllmrrr',
  text: ['Castle Road', 'Castle Road', 'Corley', 'Hartshill', "Hoar's Farm", 'Oldbury Road', "St. John's Road", 'Weddington Lane'].map(at),
  inside: ['Hartshill', 'Corley', '', '', 'Hartshill', 'Hartshill', '', 'Hartshill'].map(at),
  lat: [4000, 22_000, 22_100, 4100, 4200, 4300, 9000, 8000],
  lon: [5000, 5000, 5100, 5200, 5300, 5400, 5000, 5000],
  postcodes: 'CV100TD\nCV100TE\nCV78AA',
  postcode_lat: [4300, 4350, 22_000],
  postcode_lon: [5400, 5450, 5000],
};
const hartshill = { lat: 52.541, lon: -1.548 };
const labels = (text: string, near: { lat: number; lon: number } | null = null): string[] =>
  findNames(names, text, near).map(({ label }) => label);

describe('finding a name without signal', () => {
  it.each([
    ['oldbury road', 'Oldbury Road, Hartshill'],
    ['oldb', 'Oldbury Road, Hartshill'],
    ['oldbury rd', 'Oldbury Road, Hartshill'],
    ['oldbury road hartshill', 'Oldbury Road, Hartshill'],
    ['olbdury', 'Oldbury Road, Hartshill'],
    ['odlbury roda', 'Oldbury Road, Hartshill'],
    ['wedington', 'Weddington Lane, Hartshill'],
    ['hoars farm', "Hoar's Farm, Hartshill"],
    ['st johns', "St. John's Road"],
    ['ST. JOHN’S R', "St. John's Road"],
    ['hartshill', 'Hartshill'],
    ['cv10 0td', 'CV10 0TD'],
    ['cv100te', 'CV10 0TE'],
  ])('%s', (typed, best) => {
    expect(labels(typed)[0]).toBe(best);
  });

  it('puts the road near the person first, and says how far it is', () => {
    expect(labels('castle road', hartshill)).toEqual(['Castle Road, Hartshill', 'Castle Road, Corley']);
    expect(labels('castle road', { lat: 52.72, lon: -1.55 })).toEqual(['Castle Road, Corley', 'Castle Road, Hartshill']);
    expect(findNames(names, 'castle road', hartshill)[0]?.metres).toBeCloseTo(175, -1);
    expect(labels('castle road corley', hartshill)[0]).toBe('Castle Road, Corley');
  });

  it('gives the place of what it found, to about a metre', () => {
    expect(findNames(names, 'oldbury', null)[0]).toMatchObject({ kind: 'road', lat: 52.543, lon: -1.546, metres: null });
  });

  it.each(['', '  ', '?!', 'zzzzz', 'rd of nowhere'])('finds nothing for %j', (typed) => {
    expect(labels(typed)).toEqual([]);
  });

  it('offers postcodes as they are typed, the nearest first', () => {
    expect(labels('cv1', hartshill)).toEqual(['CV10 0TD', 'CV10 0TE']);
  });

  it('never fails, whatever is typed', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (typed) => findNames(names, typed, hartshill).length <= 8));
  });
});

describe('slips', () => {
  it.each([
    ['oldbury', 'oldbury', 0],
    ['oldbry', 'oldbury', 1],
    ['olbdury', 'oldbury', 1],
    ['oldburry', 'oldbury', 1],
    ['aldburi', 'oldbury', 2],
  ])('%s for %s: %i', (typed, word, slips) => {
    expect(slipsBetween(typed, word, 2, false)).toBe(slips);
  });

  it('compares with the beginning of a word that is only begun', () => {
    expect(slipsBetween('wedin', 'weddington', 1, true)).toBe(1);
    expect(slipsBetween('wedin', 'weddington', 1, false)).toBe(2);
  });

  it('one letter changed is one slip, wherever it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,10}$/), fc.nat(), (word, place) => {
        const at = place % word.length;
        const typed = `${word.slice(0, at)}_${word.slice(at + 1)}`;
        return slipsBetween(typed, word, 2, false) === 1;
      }),
    );
  });
});

it('folds as the council does', () => {
  expect(fold("  Hoar's  Park – Ynys Môn ")).toBe('hoars park ynys mon');
});
