const DAY_MS = 86_400_000;

/**
 * Whether the council was asked within a day what it still has. Milliseconds of the phone's clock: one that was put back
 * must not put the next asking off for as long.
 */
export function isLately(askedAt: number, now: number): boolean {
  const ago = now - askedAt;
  return ago >= 0 && ago < DAY_MS;
}
