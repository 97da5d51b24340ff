import { type EastNorth, type LatLon, toNationalGrid } from './osgb';

/** The letters of the grid: five by five, north-west first, without I. */
export const LETTERS = 'ABCDEFGHJKLMNOPQRSTUVWXYZ';
export const SQUARE_M = 100_000;
/** Every 100 km square that holds land of Great Britain. */
export const BRITISH_SQUARES = new Set(
  (
    'HP HT HU HW HX HY HZ NA NB NC ND NF NG NH NJ NK NL NM NN NO NR NS NT NU NW NX NY NZ OV SD SE SH SJ SK ' +
    'SM SN SO SP SR SS ST SU SV SW SX SY SZ TA TF TG TL TM TQ TR TV'
  ).split(' '),
);

/** Squares shared with Ireland, the Isle of Man or France: which part of them is ours. */
const SHARED_SQUARES: Partial<Record<string, (at: EastNorth) => boolean>> = {
  NW: ({ easting }) => easting >= 190_000,
  NR: ({ easting, northing }) => northing >= 620_000 || easting >= 155_000,
  NX: ({ easting, northing }) => northing >= 520_000 || easting >= 280_000,
  TR: ({ easting }) => easting < 645_000,
};

function squareOf({ easting, northing }: EastNorth): string | null {
  const e = Math.floor(easting / SQUARE_M);
  const n = Math.floor(northing / SQUARE_M);
  if (e < 0 || e > 6 || n < 0 || n > 12) return null;
  const first = (19 - n) - ((19 - n) % 5) + Math.floor((e + 10) / 5);
  const second = (((19 - n) * 5) % 25) + (e % 5);
  return LETTERS.charAt(first) + LETTERS.charAt(second);
}

/** The letters of a place's square; null where it is not in Great Britain. */
export function britishSquare(at: EastNorth): string | null {
  const square = squareOf(at);
  if (square === null || !BRITISH_SQUARES.has(square)) return null;
  return SHARED_SQUARES[square]?.(at) === false ? null : square;
}

/** The reference of a place in this square, `figures` digits each way: "SP 309 976". */
export function writeReference(square: string, at: EastNorth, figures: number): string {
  const size = SQUARE_M / 10 ** figures;
  const part = (metres: number): string =>
    Math.floor((metres % SQUARE_M) / size)
      .toString()
      .padStart(figures, '0');
  return `${square} ${part(at.easting)} ${part(at.northing)}`;
}

/**
 * The grid reference of a WGS84 point, `figures` digits each way (5 = one metre), or null outside Great Britain.
 * Like every grid reference it names the square's south-west corner. Good to about 5 m.
 */
export function toGridReference(point: LatLon, figures = 5): string | null {
  const at = toNationalGrid(point);
  const square = britishSquare(at);
  return square === null ? null : writeReference(square, at, figures);
}

/** Whether a WGS84 point lies in one of the grid's British squares (coastal waters included). */
export function inGreatBritain(point: LatLon): boolean {
  return britishSquare(toNationalGrid(point)) !== null;
}
