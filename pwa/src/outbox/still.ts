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
