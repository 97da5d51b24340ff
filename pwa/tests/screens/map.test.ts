// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { withinReach } from '../../src/screens/joining';
import { grouped } from '../../src/map/group';
import { nearestRoad } from '../../src/map/nearest-road';
import { saidPlace } from '../../src/map/pin';
import type { Mark } from '../../src/map/types';
import { nearestFirst } from '../../src/screens/near';
import { mapsLink } from '../../src/screens/parts/navigate';
import { parseHash } from '../../src/parts/route';
import { metresBetween, moved } from '../../src/shared/distance';
import type { PlacesMap } from '../../src/wire/types';
import { aCase, HERE } from './fakes';

const map: PlacesMap = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      geometry: {
        type: 'LineString',
        coordinates: [
          [-1.55, 52.5758],
          [-1.53, 52.5758],
        ],
      },
      properties: { kind: 'road', name: 'Oldbury Road' },
    },
    {
      type: 'Feature',
      geometry: {
        type: 'LineString',
        coordinates: [
          [-1.55, 52.579],
          [-1.53, 52.579],
        ],
      },
      properties: { kind: 'road', name: 'Folly Lane' },
    },
    { type: 'Feature', geometry: { type: 'Point', coordinates: [-1.5445, 52.5755] }, properties: { kind: 'locality', name: 'Hartshill' } },
  ],
};

describe('a place in words, without signal', () => {
  it('names the nearest road and how far it is', () => {
    expect(nearestRoad(map, HERE)?.name).toBe('Oldbury Road');
    expect(nearestRoad(map, HERE)?.metres).toBeCloseTo(33.4, 0);
    expect(saidPlace(HERE, map)).toMatch(/^SP \d{5} \d{5}, 33 m from Oldbury Road$/);
  });

  it('names no road that is far away, and nothing outside Great Britain', () => {
    expect(nearestRoad(map, { lat: 52.6, lon: -1.54 })).toBeNull();
    expect(nearestRoad(null, HERE)).toBeNull();
    expect(saidPlace({ lat: 48.85, lon: 2.35 }, map)).toBeNull();
  });
});

describe('distances', () => {
  it('moves a pin by metres', () => {
    const pin = moved(HERE, 30, -40);
    expect(metresBetween(HERE, pin)).toBeCloseTo(50, 1);
    expect(pin.lat).toBeLessThan(HERE.lat);
    expect(pin.lon).toBeGreaterThan(HERE.lon);
  });

  it('puts what has no place last and keeps the order without a position', () => {
    const things = [aCase({ id: 'nowhere', lat: null, lon: null }), aCase({ id: 'far', lat: 52.6 }), aCase({ id: 'near' })];
    expect(nearestFirst(things, HERE).map(({ id }) => id)).toEqual(['near', 'far', 'nowhere']);
    expect(nearestFirst(things, null).map(({ id }) => id)).toEqual(['nowhere', 'far', 'near']);
  });
});

describe('which cases lie within reach', () => {
  const sixtyMetresOff = aCase({ lat: HERE.lat + 60 / 111_195 });

  it('reaches 30 m with a good fix, as far as the fix is out with a worse one, and never past 150 m', () => {
    expect(withinReach([sixtyMetresOff], 'fly_tip', HERE)).toHaveLength(0);
    expect(withinReach([sixtyMetresOff], 'fly_tip', { ...HERE, accuracy_m: 80 })).toHaveLength(1);
    const farther = aCase({ lat: HERE.lat + 200 / 111_195 });
    expect(withinReach([farther], 'fly_tip', { ...HERE, accuracy_m: 5000 })).toHaveLength(0);
  });

  it('asks about nothing without a position, and about no closed case', () => {
    expect(withinReach([aCase()], 'fly_tip', null)).toHaveLength(0);
    expect(withinReach([aCase({ state: 'closed' })], 'fly_tip', HERE)).toHaveLength(0);
  });
});

describe('marks on the map', () => {
  const mark = (id: string, kind: Mark['kind'], x: number): Mark => ({ id, kind, face: 'C', name: id, lat: 0, lon: x });
  const toPixels = ({ lat, lon }: { lat: number; lon: number }) => ({ x: lon, y: lat });

  it('puts cases that would overlap together, counts every one, and leaves jobs and hotspots single and on top', () => {
    const marks = [mark('j', 'job', 1), mark('a', 'case', 1), mark('b', 'case', 20), mark('c', 'case', 90), mark('h', 'hotspot', 2)];
    const groups = grouped(marks, toPixels);
    expect(groups.map(({ face, kind }) => `${kind} ${face}`)).toEqual(['case 2', 'case C', 'job C', 'hotspot C']);
    expect(groups.flatMap((group) => group.marks)).toHaveLength(marks.length);
  });
});

describe('the phone’s own maps', () => {
  it.each([
    ['Mozilla/5.0 (Linux; Android 15; Pixel)', 'geo:52.575500,-1.544500?q=52.575500,-1.544500(Folly%20Lane)'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)', 'https://maps.apple.com/?daddr=52.575500,-1.544500'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'https://www.openstreetmap.org/?mlat=52.575500&mlon=-1.544500#map=18/52.575500/-1.544500'],
  ])('%s', (agent, link) => {
    expect(mapsLink(52.5755, -1.5445, 'Folly Lane', agent)).toBe(link);
  });
});

describe('addresses', () => {
  it('are read from the hash, the link that was sent too', () => {
    expect(parseHash('').parts).toEqual([]);
    expect(parseHash('#/job/j%2F1/done').parts).toEqual(['job', 'j/1', 'done']);
    expect(parseHash('#enrol=A-b_C').parts).toEqual(['enrol', 'A-b_C']);
    expect(parseHash('#/%').parts).toEqual(['%']);
  });
});
