/**
 * The names of the borough that this phone keeps, and finding one by what a person types, without signal. The costs and
 * rules are those of the council's own search (`workers/geocoding/search.py`): whole words, beginnings, short forms, slips.
 */
import { metresBetween, type Point } from '../shared/distance';
import type { PocketNames } from '../wire/types';

type NameKind = 'road' | 'locality' | 'landmark' | 'postcode';
export type FoundKind = NameKind | 'plus_code' | 'lat_lon';

export interface FoundName extends Point {
  readonly kind: FoundKind;
  /** "Oldbury Road, Hartshill" */
  readonly label: string;
  /** Metres from where the person is, when that is known. */
  readonly metres: number | null;
}

const kinds: Readonly<Record<string, NameKind>> = { r: 'road', l: 'locality', m: 'landmark' };
const kindCost: Readonly<Record<NameKind, number>> = { locality: 0, road: 0.1, postcode: 0.1, landmark: 0.4 };
const STEPS = 100_000;
const BEGUN = 1;
const SHORTENED = 0.6;
const HELD_INSIDE = 3;
const SLIP = 3;
const IN_LOCALITY = 1.5;
const NOT_FIRST = 1;
const WORD_LEFT_OVER = 0.3;
const PER_DOUBLING_OF_KM = 0.5;
const SLIPS_FROM = 4;
const TWO_SLIPS_FROM = 8;

const shortForms: Readonly<Record<string, readonly string[]>> = {
  ave: ['avenue'], av: ['avenue'], cl: ['close'], cres: ['crescent'], ct: ['court'], dr: ['drive'], gdns: ['gardens'],
  gr: ['grove'], grn: ['green'], gt: ['great'], la: ['lane'], ln: ['lane'], pk: ['park'], pl: ['place'], rd: ['road'],
  sch: ['school'], sq: ['square'], st: ['street', 'saint'], stn: ['station'], ter: ['terrace'], saint: ['st'], street: ['st'],
};

interface Kept {
  readonly texts: readonly string[];
  readonly words: readonly (readonly string[])[];
  readonly vocabulary: readonly string[];
  readonly postcodes: readonly string[];
}

const unpacked = new WeakMap<PocketNames, Kept>();

/** Lower case, accents and apostrophes gone, all else but letters and figures one space. */
export function fold(text: string): string {
  const plain = text.replace(/['‘’]/g, '').toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');
  return plain.replace(/[^a-z0-9]+/g, ' ').trim();
}

function unpack(names: PocketNames): Kept {
  const known = unpacked.get(names);
  if (known !== undefined) return known;
  const texts = names.texts.split('\n');
  const words = texts.map((text) => fold(text).split(' ').filter((word) => word !== ''));
  const kept = { texts, words, vocabulary: [...new Set(words.flat())], postcodes: names.postcodes.split('\n') };
  unpacked.set(names, kept);
  return kept;
}

function slipsAllowed(typed: string): number {
  if (typed.length < SLIPS_FROM || /\d/.test(typed)) return 0;
  return typed.length < TWO_SLIPS_FROM ? 1 : 2;
}

/** Letters changed, left out, added or swapped between what was typed and a word (only its start when `begun`). */
export function slipsBetween(typed: string, whole: string, most: number, begun: boolean): number {
  if (!begun && Math.abs(typed.length - whole.length) > most) return most + 1;
  const word = begun ? whole.slice(0, typed.length + most) : whole;
  let older: number[] = [];
  let before: number[] = [];
  let row = Array.from({ length: word.length + 1 }, (_, index) => index);
  for (let i = 1; i <= typed.length; i++) {
    [older, before, row] = [before, row, [i]];
    for (let j = 1; j <= word.length; j++) {
      const same = typed[i - 1] === word[j - 1];
      let cost = Math.min((before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (before[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1];
      if (swapped) cost = Math.min(cost, (older[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
  }
  return Math.min(most + 1, begun ? Math.min(...row) : (row.at(-1) ?? most + 1));
}

/** What it costs each word of the borough to be what was typed; words that cannot be are left out. */
function wordCosts(typed: string, last: boolean, vocabulary: readonly string[]): Map<string, number> {
  const costs = new Map<string, number>();
  const slips = slipsAllowed(typed);
  const forms = shortForms[typed] ?? [];
  for (const word of vocabulary) {
    const cost = costOf(word);
    if (cost !== null) costs.set(word, cost);
  }
  return costs;

  function costOf(word: string): number | null {
    if (word === typed) return 0;
    if (forms.includes(word)) return SHORTENED;
    if (last && word.startsWith(typed)) return BEGUN;
    if (slips > 0 && word.length >= SLIPS_FROM) {
      const count = slipsBetween(typed, word, slips, last);
      if (count <= slips) return count * SLIP;
    }
    return typed.length >= 3 && word.includes(typed) ? HELD_INSIDE : null;
  }
}

function least(words: readonly string[], costs: ReadonlyMap<string, number>, notFirst: number): number {
  let best = Infinity;
  words.forEach((word, index) => {
    const cost = costs.get(word);
    if (cost !== undefined) best = Math.min(best, cost + (index > 0 ? notFirst : 0));
  });
  return best;
}

/** What a name in a place costs for all typed words; Infinity where one fits nowhere, or none the name. */
function matchCost(name: readonly string[], place: readonly string[], typed: readonly ReadonlyMap<string, number>[]): number {
  let total = 0;
  let used = 0;
  let toName = Infinity;
  typed.forEach((costs, index) => {
    const inName = least(name, costs, index === 0 ? NOT_FIRST : 0);
    const inPlace = least(place, costs, 0) + IN_LOCALITY;
    if (inName <= inPlace && inName < Infinity) used += 1;
    const cheaper = Math.min(inName, inPlace);
    total += cheaper;
    if (inName < Infinity) toName = Math.min(toName, inName - cheaper);
  });
  if (used === 0) total += toName;
  return total + WORD_LEFT_OVER * Math.max(0, name.length - Math.max(used, 1));
}

function farCost(point: Point, near: Point | null): { metres: number | null; cost: number } {
  if (near === null) return { metres: null, cost: 0 };
  const metres = metresBetween(point, near);
  return { metres, cost: PER_DOUBLING_OF_KM * Math.log2(1 + metres / 1000) };
}

function postcodesFor(names: PocketNames, kept: Kept, text: string, near: Point | null): Scored[] {
  const compact = text.replace(/\s+/g, '').toUpperCase();
  if (!/^[A-Z]{1,2}\d[A-Z\d]?(\d[A-Z]{0,2})?$/.test(compact)) return [];
  return kept.postcodes.flatMap((code, index) => {
    if (!code.startsWith(compact)) return [];
    const point = pointOf(names, names.postcode_lat[index], names.postcode_lon[index]);
    const { metres, cost } = farCost(point, near);
    return [{ cost, found: { ...point, kind: 'postcode', label: `${code.slice(0, -3)} ${code.slice(-3)}`, metres } }];
  });
}

interface Scored {
  readonly cost: number;
  readonly found: FoundName;
}

function pointOf(names: PocketNames, up = 0, right = 0): Point {
  return { lat: names.south + up / STEPS, lon: names.west + right / STEPS };
}

/** At most `most` names that fit what was typed, best first; what is near goes before what is far among equals. */
export function findNames(names: PocketNames, text: string, near: Point | null, most = 8): FoundName[] {
  const words = fold(text).split(' ').filter((word) => word !== '').slice(0, 8);
  if (words.length === 0) return [];
  const kept = unpack(names);
  const typed = words.map((word, index) => wordCosts(word, index === words.length - 1, kept.vocabulary));
  const scored = postcodesFor(names, kept, text, near);
  for (let index = 0; index < names.kinds.length; index++) {
    const kind = kinds[names.kinds.charAt(index)];
    const [name = 0, inside = 0] = [names.text[index], names.inside[index]];
    const match = matchCost(kept.words[name] ?? [], kept.words[inside] ?? [], typed);
    if (kind === undefined || match === Infinity) continue;
    const point = pointOf(names, names.lat[index], names.lon[index]);
    const { metres, cost } = farCost(point, near);
    const place = kept.texts[inside] ?? '';
    const label = place === '' ? (kept.texts[name] ?? '') : `${kept.texts[name]}, ${place}`;
    scored.push({ cost: match + cost + kindCost[kind], found: { ...point, kind, label, metres } });
  }
  scored.sort((a, b) => a.cost - b.cost || (a.found.label < b.found.label ? -1 : 1));
  return scored.slice(0, most).map(({ found }) => found);
}
