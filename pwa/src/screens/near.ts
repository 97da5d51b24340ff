/** What lies near. */
import { metresBetween, type Point } from '../shared/distance';

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
