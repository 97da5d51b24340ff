/** Places that are typed as a plus code or in degrees, without signal. Loaded only when somebody types a figure. */
import type { Point } from '../shared/distance';
import { inGreatBritain } from '../shared/grid';
import { readLatLon } from '../shared/lat-lon';
import type { PocketNames } from '../wire/types';
import type { FoundName } from './names';
import { findPlusCode } from './plus-code';

/** What typed figures name; null when they name nothing here. */
export function findFigures(names: PocketNames, text: string, near: Point | null): FoundName | null {
  return findPlusCode(names, text, near) ?? findLatLon(text);
}

function findLatLon(text: string): FoundName | null {
  const read = readLatLon(text);
  if (read === null || !inGreatBritain(read)) return null;
  const { lat, lon } = read;
  return { lat, lon, kind: 'lat_lon', label: `${lat.toFixed(6)}, ${lon.toFixed(6)}`, metres: null };
}
