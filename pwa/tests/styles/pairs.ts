/** Which colour is used as words or symbols on which ground. Any pair a style sheet uses stands here and is checked. */

export type Pair = readonly [words: string, ground: string];

/** Words: at least 7 to 1 (WCAG 2.2, 1.4.6). */
export const wordPairs: readonly Pair[] = [
  ['ink', 'paper'],
  ['ink', 'surface'],
  ['ink', 'green-wash'],
  ['ink', 'amber-wash'],
  ['ink', 'red-wash'],
  ['ink-soft', 'paper'],
  ['ink-soft', 'surface'],
  ['green', 'paper'],
  ['green', 'surface'],
  ['green', 'green-wash'],
  ['on-green', 'green'],
  ['amber', 'paper'],
  ['amber', 'surface'],
  ['amber', 'amber-wash'],
  ['red', 'paper'],
  ['red', 'surface'],
  ['red', 'red-wash'],
  ['red', 'on-red'],
  ['on-red', 'red'],
  ['blue', 'paper'],
  ['blue', 'surface'],
  ['blue', 'amber-wash'],
  ['blue', 'red-wash'],
  ['on-band', 'band'],
  ['paper', 'ink'],
];

/** Edges of controls and lines of the map: at least 3 to 1 (WCAG 2.2, 1.4.11). */
export const edgePairs: readonly Pair[] = [
  ['line', 'paper'],
  ['line', 'surface'],
  ['ink', 'paper'],
  ['blue', 'paper'],
  ['green', 'paper'],
  ['red', 'paper'],
  ['amber', 'paper'],
];
