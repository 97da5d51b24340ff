import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPlusCode } from '../../src/map/plus-code';
import type { PocketNames } from '../../src/wire/types';

const names: PocketNames = {
  format: 1,
  south: 52.5,
  west: -1.6,
  texts: ['', 'Hartshill'].join('\n'),
  kinds: 'l',
  text: [1],
  inside: [0],
  lat: [7800],
  lon: [7000],
  postcodes: '',
  postcode_lat: [],
  postcode_lon: [],
};

/** Known answers of the reference implementation: what is typed, from where, and the middle of its square. */
const known: [text: string, near: [number, number] | null, middle: [number, number]][] = [
  ['9C4WHFG4+66', null, [52.5755625, -1.5444375]],
  ['9C4W7FP8+3R', null, [52.2851875, -1.5329375]],
  ['7FG49QCJ+2V', null, [20.3700625, 2.7821875]],
  ['9C4WHFG4+66V', null, [52.5756125, -1.544453125]],
  ['9CHR+VW3', [52.4928, -2.9487], [52.3796375, -2.557703125]],
  ['2249JF+MVG', [44.5831, 4.2834], [50.1316875, 0.374703125]],
  ['7VCF5W+VGV', [50.5843, -8.7745], [55.4097375, -2.503703125]],
  ['FQ7V5X+8P', [53.1276, 4.1343], [59.2583125, -4.1006875]],
  ['CRH2+582', [50.5132, 0.1789], [50.4278875, -0.199234375]],
  ['VVGJ+CCP', [54.0814, -0.0497], [53.8760875, -0.118921875]],
  ['HFG4+66 Hartshill', null, [52.5755625, -1.5444375]],
];

describe('a plus code', () => {
  it.each(known)('%s near %j is %j', (text, near, [lat, lon]) => {
    const found = findPlusCode(names, text, near === null ? null : { lat: near[0], lon: near[1] });
    expect(found?.lat).toBeCloseTo(lat, 6);
    expect(found?.lon).toBeCloseTo(lon, 6);
  });

  it('is named as it was typed, a short one with the place it was given with', () => {
    expect(findPlusCode(names, ' 9c4whfg4+66 ', null)).toMatchObject({ kind: 'plus_code', label: '9C4WHFG4+66' });
    expect(findPlusCode(names, 'hfg4+66, Hartshill', null)).toMatchObject({ label: 'HFG4+66, Hartshill' });
  });

  it.each(['HFG4+66', 'HFG4+66 Nowhere', 'oldbury', 'A+B', '9C4WHFG4+', '9C4WHFG+66', '9C4WHFGA+66', ''])(
    'that names no place is none: %s',
    (text) => {
      expect(findPlusCode(names, text, null)).toBeNull();
    },
  );

  it('without its first figures is found from anywhere near by', () => {
    const whole = findPlusCode(names, '9C4WHFG4+66', null);
    const around = fc.record({ lat: fc.double({ min: -0.49, max: 0.49, noNaN: true }), lon: fc.double({ min: -0.49, max: 0.49, noNaN: true }) });
    fc.assert(
      fc.property(around, ({ lat, lon }) => {
        const near = { lat: (whole?.lat ?? 0) + lat, lon: (whole?.lon ?? 0) + lon };
        const found = findPlusCode(names, 'HFG4+66', near);
        expect(found?.lat).toBeCloseTo(whole?.lat ?? 0, 9);
        expect(found?.lon).toBeCloseTo(whole?.lon ?? 0, 9);
      }),
    );
  });
});
