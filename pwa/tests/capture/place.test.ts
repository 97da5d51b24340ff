import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { typedPlace } from '../../src/capture/place';
import { readLatLon } from '../../src/shared/lat-lon';

/** The spellings that the council's own reader is tested by. */
const spellings = JSON.parse(readFileSync(new URL('../../../tests/workers/geocoding/lat_lon.json', import.meta.url), 'utf8')) as {
  place: [number, number];
  read: { text: string; accuracy_m: number }[];
  not_read: string[];
};
const NOW = new Date('2026-11-26T12:00:00Z');

describe('a place typed without signal', () => {
  it.each(spellings.read)('is read as the council reads it: $text', ({ text, accuracy_m }) => {
    const answer = typedPlace(text, NOW);
    if (!answer.ok) throw new Error(answer.message);
    expect(answer.position.lat).toBeCloseTo(spellings.place[0], 7);
    expect(answer.position.lon).toBeCloseTo(spellings.place[1], 7);
    expect([answer.position.accuracy_m, answer.gridReference]).toEqual([accuracy_m, expect.stringMatching(/^SP 3096\d 9761\d$/)]);
  });

  it.each(spellings.not_read)('is no latitude and longitude, as for the council: %j', (text) => {
    expect(readLatLon(text)).toBeNull();
    expect(typedPlace(text, NOW).ok).toBe(false);
  });

  it.each(['430965 297615', '430965, 297615', 'SP 30965, 97615'])('is still of the grid: %s', (text) => {
    expect(typedPlace(text, NOW)).toMatchObject({ ok: true, gridReference: 'SP 30965 97615' });
  });

  it.each(['95.5, -1.5', '48.8566, 2.3522', '52.5S 1.5W'])('is not in Great Britain: %s', (text) => {
    expect(typedPlace(text, NOW)).toMatchObject({ ok: false, message: /not in Great Britain/ });
  });

  it.each(['///Filled.Count.Soap', '// filled.count.soap', '///fülle.été.9z'])('is three words, which are kept and not looked up: %s', (text) => {
    expect(typedPlace(text, NOW)).toMatchObject({ ok: false, words: text.toLowerCase().replace(/^\/+ ?/, '///') });
  });

  it.each(['filled.count.soap', '///filled.count', '///www.tipwatch.example/'])('is not three words: %s', (text) => {
    expect(typedPlace(text, NOW)).not.toHaveProperty('words');
  });
});
