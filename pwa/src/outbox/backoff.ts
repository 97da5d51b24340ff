const FIRST_MS = 2_000;
const LONGEST_MS = 300_000;

/**
 * How long to wait after `attempts` failures in a row (1 or more), milliseconds: full jitter between 2 s and a ceiling
 * that doubles from 4 s to 5 min, so that phones that lost the same mast do not come back together.
 * `random` answers 0 ≤ r < 1.
 */
export function backoffMs(attempts: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempts);
  return Math.round(FIRST_MS + random() * (ceiling - FIRST_MS));
}
