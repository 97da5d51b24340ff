/** Reading what people write as a grid reference. Typed seldom, so no part of what a phone loads first. */
import { BRITISH_SQUARES, LETTERS, SQUARE_M, britishSquare, writeReference } from './grid';
import { type EastNorth, fromNationalGrid } from './osgb';

/** How far the Helmert shift behind `osgb` may be out, metres. */
const SHIFT_M = 5;

const NOT_BRITAIN = 'That place is not in Great Britain. Check the letters and figures.';

export interface GridPlace {
  /** WGS84 degrees of the middle of the square. */
  lat: number;
  lon: number;
  /** Radius in metres that surely holds the place: half the square's diagonal and the conversion's error. */
  accuracy_m: number;
  /** The reference as it is usually written: "SP 309 976". */
  text: string;
}

export type GridAnswer = { ok: true; place: GridPlace } | { ok: false; message: string };

function cornerOf(square: string): EastNorth {
  const first = LETTERS.indexOf(square.charAt(0));
  const second = LETTERS.indexOf(square.charAt(1));
  return {
    easting: (((first % 5) + 3) % 5 * 5 + (second % 5)) * SQUARE_M,
    northing: (19 - Math.floor(first / 5) * 5 - Math.floor(second / 5)) * SQUARE_M,
  };
}

function placeOf(corner: EastNorth, size: number, figures: number): GridAnswer {
  const middle = { easting: corner.easting + size / 2, northing: corner.northing + size / 2 };
  const square = britishSquare(middle);
  if (square === null) return { ok: false, message: NOT_BRITAIN };
  const { lat, lon } = fromNationalGrid(middle);
  const accuracy_m = Math.ceil(size * Math.SQRT1_2) + SHIFT_M;
  return { ok: true, place: { lat, lon, accuracy_m, text: writeReference(square, corner, figures) } };
}

function parseLettered(square: string, written: string): GridAnswer {
  const groups = written.split(/\D+/).filter((group) => group !== '');
  const digits = groups.join('');
  const [east, north] = groups;
  // Halving "30965 976" in the middle of its figures would name a place tens of kilometres away.
  if (groups.length === 2 && east?.length !== north?.length) {
    return { ok: false, message: `Give the same number of figures each way, not ${east?.length} and ${north?.length}.` };
  }
  if (digits.length % 2 === 1) {
    return { ok: false, message: `Give the same number of figures each way: ${digits.length} cannot be halved.` };
  }
  if (digits.length < 4) return { ok: false, message: 'Give at least four figures, such as SP 30 97.' };
  if (digits.length > 10) return { ok: false, message: 'Ten figures are the most: SP 30965 97615.' };
  if (!BRITISH_SQUARES.has(square)) return { ok: false, message: NOT_BRITAIN };
  const figures = digits.length / 2;
  const size = SQUARE_M / 10 ** figures;
  const corner = cornerOf(square);
  return placeOf(
    {
      easting: corner.easting + Number(digits.slice(0, figures)) * size,
      northing: corner.northing + Number(digits.slice(figures)) * size,
    },
    size,
    figures,
  );
}

/**
 * Reads a National Grid reference in any usual spelling: "SP 309 976", "sp30965 97615", "SP/30965/97615",
 * "430965 297615", "430965.2, 297615.6". The answer has the middle of the named square, or a plain sentence
 * saying what to mend.
 */
export function parseGridReference(text: string): GridAnswer {
  const lettered = /^([A-HJ-Z]{2})([\d\s/,.:-]+)$/.exec(text.trim().toUpperCase());
  if (lettered?.[1] !== undefined && lettered[2] !== undefined) {
    return parseLettered(lettered[1], lettered[2]);
  }
  const numbers = /^E?\s*(\d{5,6})(?:\.\d+)?[\s,/:]+N?\s*(\d{5,7})(?:\.\d+)?$/i.exec(text.trim());
  if (numbers) return placeOf({ easting: Number(numbers[1]), northing: Number(numbers[2]) }, 1, 5);
  return { ok: false, message: 'Write two letters and four to ten figures, such as SP 30965 97615.' };
}
