import type { Id } from '../wire/types';
import type { OpRow, PhotoRow } from './schema';

/** Whose things, and whether photos are held back until there is Wi-Fi. */
export interface Whose {
  userId: Id;
  photosHeld: boolean;
}

/** Whether anything may go as it is: what a person must mend first may not, nor do its photos. */
export function mayGo(ops: OpRow[], photos: PhotoRow[], { userId, photosHeld }: Whose): boolean {
  const mine = ops.filter((row) => row.userId === userId);
  if (mine.some(({ state }) => state === 'queued')) return true;
  const received = new Set(mine.filter(({ state }) => state === 'received').map(({ op_id }) => op_id));
  return !photosHeld && photos.some(({ opId, state }) => state === 'waiting' && received.has(opId));
}

/** Whether anything changes without a person's doing: by going, or by the council's word that it has it whole. */
export function mayChange(ops: OpRow[], photos: PhotoRow[], whose: Whose): boolean {
  const isMine = (row: OpRow | PhotoRow): boolean => row.userId === whose.userId;
  return (
    mayGo(ops, photos, whose) ||
    ops.some((row) => isMine(row) && row.state === 'received' && row.ackedAt === null) ||
    photos.some((row) => isMine(row) && row.state === 'uploaded' && row.verifiedAt === null)
  );
}
