import type { Timestamp } from '../wire/types';
import type { PhotoRow } from './schema';

const DAY_MS = 86_400_000;
const GONE = 'The council does not have this photo, and it is no longer on this phone. Tell an officer.';

/** What the council says of a photo: whole and compared with its hash, as it said at that moment of its clock; whole; or not there. */
export type Standing = { verifiedAt: Timestamp } | 'received' | 'missing';

/**
 * Whether the council was asked within a day what it still has. Milliseconds of the phone's clock: one that was put back
 * must not put the next asking off for as long.
 */
export function isLately(askedAt: number, now: number): boolean {
  const ago = now - askedAt;
  return ago >= 0 && ago < DAY_MS;
}

/** What the council's answer changes in a photo's row; null when nothing. `here`: its bytes are on this phone. */
export function judgePhoto(row: PhotoRow, standing: Standing, here: boolean): Partial<PhotoRow> | null {
  if (standing === 'received') return { state: 'uploaded', sent: row.bytes, verifiedAt: null };
  if (standing !== 'missing') return { state: 'uploaded', sent: row.bytes, problem: null, verifiedAt: row.verifiedAt ?? standing.verifiedAt };
  if (row.state !== 'uploaded') return null;
  const change = here ? ({ state: 'waiting', problem: null } as const) : ({ state: 'needs_you', problem: GONE } as const);
  return { ...change, sent: 0, verifiedAt: null, attempts: 0, nextAt: 0 };
}
