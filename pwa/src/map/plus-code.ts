/**
 * Plus codes (Open Location Code, github.com/google/open-location-code), whole or short, without signal. Loaded only when
 * somebody types a figure.
 */
import type { Point } from '../shared/distance';
import type { PocketNames } from '../wire/types';
import { findNames, type FoundName } from './names';

const FIGURES = '23456789CFGHJMPQRVWX';
const CODE = /^([2-9CFGHJMPQRVWX]{4}|[2-9CFGHJMPQRVWX]{6}|[2-9CFGHJMPQRVWX]{8})\+([2-9CFGHJMPQRVWX]{2,3})(?:[\s,]+(.+))?$/i;
const BEFORE_PLUS = 8;

/** Degrees that a pair of figures stands for: 20, 1, 1/20, 1/400, 1/8000. */
const degreesOf = (pair: number): number => 20 ** (1 - pair);

/** The middle of a whole code's square, WGS84 degrees. */
function middleOf(figures: string): Point {
  let [lat, lon] = [-90, -180];
  const pairs = Math.min(figures.length, 10) / 2;
  for (let pair = 0; pair < pairs; pair++) {
    lat += FIGURES.indexOf(figures.charAt(pair * 2)) * degreesOf(pair);
    lon += FIGURES.indexOf(figures.charAt(pair * 2 + 1)) * degreesOf(pair);
  }
  let [high, wide] = [degreesOf(pairs - 1), degreesOf(pairs - 1)];
  // The eleventh figure names one of 5 by 4 parts.
  const part = FIGURES.indexOf(figures.charAt(10));
  if (figures.length > 10) {
    [high, wide] = [high / 5, wide / 4];
    lat += Math.floor(part / 4) * high;
    lon += (part % 4) * wide;
  }
  return { lat: lat + high / 2, lon: lon + wide / 2 };
}

/** A short code's square is the one of its name that is nearest to `near`. */
function nearest(short: string, missing: number, near: Point): Point {
  let start = '';
  for (let pair = 0; pair < missing / 2; pair++) {
    for (const degrees of [near.lat + 90, near.lon + 180]) start += FIGURES.charAt(Math.floor(degrees / degreesOf(pair)) % 20);
  }
  const step = degreesOf(missing / 2 - 1);
  const { lat, lon } = middleOf(start + short);
  return { lat: lat + Math.round((near.lat - lat) / step) * step, lon: lon + Math.round((near.lon - lon) / step) * step };
}

/** What a typed plus code names; null when it is none, or when nothing tells where a short one lies. */
export function findPlusCode(names: PocketNames, text: string, near: Point | null): FoundName | null {
  const match = CODE.exec(text.trim());
  if (match === null) return null;
  const [, before = '', after = '', place] = match;
  const [figures, missing] = [(before + after).toUpperCase(), BEFORE_PLUS - before.length];
  const code = `${before}+${after}`.toUpperCase();
  if (missing === 0) return { ...middleOf(figures), kind: 'plus_code', label: code, metres: null };
  const [named] = place === undefined ? [] : findNames(names, place, near, 1);
  const around = place === undefined ? near : named;
  if (around === undefined || around === null) return null;
  const label = named === undefined ? code : `${code}, ${named.label}`;
  return { ...nearest(figures, missing, around), kind: 'plus_code', label, metres: null };
}
