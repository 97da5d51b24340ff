/** What lies near, and a pin moved by steps. */
import { metresBetween, type Point } from '../shared/distance';

const METRES_PER_DEGREE = 111_195;

/** The place so many metres east and north of another, on a sphere; for steps of up to a few hundred metres. */
export function moved(from: Point, eastM: number, northM: number): Point {
  return {
    lat: from.lat + northM / METRES_PER_DEGREE,
    lon: from.lon + eastM / (METRES_PER_DEGREE * Math.cos((from.lat * Math.PI) / 180)),
  };
}

interface MaybePlaced {
  readonly lat: number | null;
  readonly lon: number | null;
}

export type Placed<T> = T & { readonly metres: number | null };

export function metresTo(thing: MaybePlaced, from: Point | null): number | null {
  if (from === null || thing.lat === null || thing.lon === null) return null;
  return metresBetween(from, { lat: thing.lat, lon: thing.lon });
}

/** Nearest first; what has no distance comes last, in the order given. */
export function nearestFirst<T extends MaybePlaced>(things: readonly T[], from: Point | null): Placed<T>[] {
  const far = Number.MAX_VALUE;
  return things
    .map((thing) => ({ ...thing, metres: metresTo(thing, from) }))
    .sort((a, b) => (a.metres ?? far) - (b.metres ?? far));
}
