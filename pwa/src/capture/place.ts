import { inGreatBritain, parseGridReference, toGridReference } from '../shared/grid';
import type { Position } from '../wire/types';
import type { TypedPlace } from './types';

const LAT_LON = /^(-?\d{1,2}\.\d+)\s*[,; ]\s*(-?\d{1,3}\.\d+)$/;

/** A place somebody typed: a grid reference in any usual spelling, or latitude and longitude in decimals. */
export function typedPlace(text: string, now: Date): TypedPlace {
  const figures = LAT_LON.exec(text.trim());
  return figures ? latLon(Number(figures[1]), Number(figures[2]), now) : gridReference(text, now);
}

function latLon(lat: number, lon: number, now: Date): TypedPlace {
  const reference = toGridReference({ lat, lon });
  if (reference === null || !inGreatBritain({ lat, lon })) {
    return { ok: false, message: 'That place is not in Great Britain. Latitude comes first, such as 52.5755, -1.5445.' };
  }
  return { ok: true, position: position(lat, lon, null, now), gridReference: reference };
}

function gridReference(text: string, now: Date): TypedPlace {
  const answer = parseGridReference(text);
  if (!answer.ok) return answer;
  const { lat, lon, accuracy_m, text: reference } = answer.place;
  return { ok: true, position: position(lat, lon, accuracy_m, now), gridReference: reference };
}

function position(lat: number, lon: number, accuracy_m: number | null, now: Date): Position {
  return { lat, lon, accuracy_m, source: 'typed', fixed_at: now.toISOString() };
}
