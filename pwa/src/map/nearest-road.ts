/** The road a pin lies nearest to, from the map on this phone: words for a place, with no signal and no sight of the map. */
import { METRES_PER_DEGREE, type Point } from '../shared/distance';
import type { PlacesMap } from '../wire/types';

/** Farther than this a road's name says nothing about the place. */
const FAR_M = 500;

export interface NearRoad {
  readonly name: string;
  readonly metres: number;
}

type Pair = readonly [number, number];

/** Metres from the origin to the segment between two points given in metres east and north of it. */
function toSegment([ax, ay]: Pair, [bx, by]: Pair): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length));
  return Math.hypot(ax + along * dx, ay + along * dy);
}

/** Flat-earth metres around `point`: within a per cent over the few hundred metres that matter here. */
function toLine(line: readonly Pair[], point: Point): number {
  const perLon = METRES_PER_DEGREE * Math.cos((point.lat * Math.PI) / 180);
  const local = line.map(([lon, lat]): Pair => [(lon - point.lon) * perLon, (lat - point.lat) * METRES_PER_DEGREE]);
  return local.reduce((least, end, index) => {
    const start = local[index - 1] ?? end;
    return Math.min(least, toSegment(start, end));
  }, Infinity);
}

export function nearestRoad(map: PlacesMap | null, point: Point): NearRoad | null {
  let nearest: NearRoad | null = null;
  for (const { geometry, properties } of map?.features ?? []) {
    if (properties.kind !== 'road' || geometry.type !== 'LineString') continue;
    const metres = toLine(geometry.coordinates, point);
    if (metres <= FAR_M && (nearest === null || metres < nearest.metres)) nearest = { name: properties.name, metres };
  }
  return nearest;
}
