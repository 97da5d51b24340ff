/** A place that somebody typed as figures. Typed seldom, so no part of what a phone loads first. */
import { inGreatBritain, toGridReference } from '../shared/grid';
import { parseGridReference } from '../shared/grid-reference';
import { type LatLonRead, readLatLon } from '../shared/lat-lon';
import type { Position } from '../wire/types';
import type { TypedPlace } from './types';

const THREE_WORDS = /^\/{2,3}\s*([\p{L}\p{N}_]+\.[\p{L}\p{N}_]+\.[\p{L}\p{N}_]+)$/u;

/** A grid reference in any usual spelling, or latitude and longitude in every spelling that the council reads. */
export function typedPlace(text: string, now: Date): TypedPlace {
  const words = THREE_WORDS.exec(text.trim())?.[1];
  if (words !== undefined) {
    return { ok: false, words: `///${words.toLowerCase()}`, message: 'Three words do not tell where it is. Move the pin, or type a grid reference.' };
  }
  const onGrid = parseGridReference(text);
  const figures = onGrid.ok ? null : readLatLon(text);
  if (figures !== null) return latLon(figures, now);
  if (!onGrid.ok) return onGrid;
  const { lat, lon, accuracy_m, text: reference } = onGrid.place;
  return { ok: true, position: position({ lat, lon, accuracy_m }, now), gridReference: reference };
}

function latLon(figures: LatLonRead, now: Date): TypedPlace {
  const reference = toGridReference(figures);
  if (reference === null || !inGreatBritain(figures)) {
    return { ok: false, message: 'That place is not in Great Britain. Latitude comes first, such as 52.5755, -1.5445.' };
  }
  return { ok: true, position: position(figures, now), gridReference: reference };
}

function position({ lat, lon, accuracy_m }: LatLonRead, now: Date): Position {
  return { lat, lon, accuracy_m, source: 'typed', fixed_at: now.toISOString() };
}
