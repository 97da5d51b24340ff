/**
 * Latitude and longitude as people write them, read by the council's own rules (`workers/geocoding/typed.py`). Typed
 * seldom, so no part of what a phone loads first.
 */
import { METRES_PER_DEGREE } from './distance';

const NAMES = /\b(?:lat(?:itude)?|lon(?:g(?:itude)?)?|geo)\b\s*[:=]?/gi;
const AROUND = /^[ ()[\]]+|[ ()[\]]+$/g;
const PART =
  /(\d{1,3}(?:\.\d+)?)\s*(?:[°º*]|deg(?:rees)?|d)?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:['′’m]|min)?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:["″”s]|''|sec)?)?)?/;
const ANGLE = new RegExp(`^([NSEW])?\\s*([+\\-\u2212])?\\s*${PART.source}\\s*([NSEW])?$`, 'i');
/** Without a comma: after the first letter of the compass, before the second, or at the only space. */
const HALVES = [/^(.*?\d[^NSEW]*[NS])\s*([^NSEW]*\d[^NSEW]*[EW])$/i, /^([NS].*?\d\D*?)\s*([EW].*\d.*)$/i, /^(\S*\.\S*)\s+(\S+)$/];
const AXES: Readonly<Record<string, 'lat' | 'lon'>> = { N: 'lat', S: 'lat', E: 'lon', W: 'lon' };

export interface LatLonRead {
  /** WGS84 degrees. */
  readonly lat: number;
  readonly lon: number;
  /** Metres that one step of the last figure is on the ground. */
  readonly accuracy_m: number;
}

interface Angle {
  readonly degrees: number;
  readonly axis: 'lat' | 'lon' | undefined;
  /** Degrees that one step of the last figure stands for. */
  readonly step: number;
}

/** Null for text that is something else. */
export function readLatLon(text: string): LatLonRead | null {
  const plain = text.trim().replace(NAMES, ' ').replace(AROUND, '').replaceAll(';', ',');
  const commas = plain.split(',');
  const halves = commas.length === 2 ? commas : HALVES.map((way) => way.exec(plain)?.slice(1)).find(Boolean);
  const [first, second] = (halves ?? []).map(readAngle);
  if (!first || !second || (first.axis !== undefined && first.axis === second.axis)) return null;
  const [lat, lon] = first.axis === 'lon' || second.axis === 'lat' ? [second, first] : [first, second];
  return { lat: lat.degrees, lon: lon.degrees, accuracy_m: Math.ceil(Math.max(lat.step, lon.step) * METRES_PER_DEGREE) };
}

function readAngle(text: string): Angle | null {
  const [, before, sign, degrees, minutes, seconds, after] = ANGLE.exec(text.trim()) ?? [];
  if (degrees === undefined || (before !== undefined && after !== undefined)) return null;
  const compass = (before ?? after ?? '').toUpperCase();
  const size = Number(degrees) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3_600;
  const isBelow = (sign !== undefined && sign !== '+') || compass === 'S' || compass === 'W';
  const [finest, parts] = seconds !== undefined ? [seconds, 3_600] : minutes !== undefined ? [minutes, 60] : [degrees, 1];
  const decimals = finest.split('.')[1]?.length ?? 0;
  return { degrees: isBelow ? -size : size, axis: AXES[compass], step: 1 / parts / 10 ** decimals };
}
