import type { Id, Timestamp } from '../wire/types';
import type { Db } from './db';
import type { OpRow, Owner, PhotoRow } from './schema';

const DAY_MS = 86_400_000;
/** How long the phone keeps the bytes of a photo the council has checked, and the lines of what it has handed over. */
const KEEP_BYTES_MS = 7 * DAY_MS;
const KEEP_ROWS_MS = 30 * DAY_MS;

/**
 * Lets go of what the council has had, checked and confirmed for long enough, among the operations that `mayGo`: those
 * just compared with the council's, as what a restored council lost of somebody else's must still be here when they come
 * back. With `needed`, only of the bytes of photos that were checked and confirmed, however lately. Nothing else ever leaves the outbox. `now` in milliseconds of the council's clock, as are the receipts: a
 * phone whose clock jumps has not kept anything for longer.
 */
export async function letGo(db: Db, now: number, mayGo: (row: OpRow) => boolean, needed = false): Promise<void> {
  await db.run(async (handle) => {
    const tx = handle.transaction(['ops', 'photos', 'photo_bytes'], 'readwrite');
    const [ops, photos] = await Promise.all([tx.objectStore('ops').getAll(), tx.objectStore('photos').getAll()]);
    const among = ops.filter(mayGo);
    const stale = photos.filter(
      (row) => isSafe(row, among) && row.purgedAt === null && (needed || isOlder(row.verifiedAt, now, KEEP_BYTES_MS)),
    );
    const done = needed ? new Set<Id>() : finished(among, photos, now);
    const gone = photos.filter(({ opId }) => done.has(opId));
    await Promise.all([
      ...[...stale, ...gone].map(({ id }) => tx.objectStore('photo_bytes').delete(id)),
      ...stale.map((row) => tx.objectStore('photos').put({ ...row, purgedAt: new Date(now).toISOString() })),
      ...gone.map(({ id }) => tx.objectStore('photos').delete(id)),
      ...[...done].map((opId) => tx.objectStore('ops').delete(opId)),
      tx.done,
    ]);
  });
}

/** Saves; when there is no room, what `giveWay` lets go of makes some, and it is tried once more. */
export async function saveWithRoom<T>(save: () => Promise<T>, giveWay: () => Promise<void>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error;
    await giveWay();
    return save();
  }
}

/** Saved by this person in this authority. */
export function isOf({ userId, authorityId }: Owner, owner: Owner): boolean {
  return userId === owner.userId && authorityId === owner.authorityId;
}

/** Checked against its hash by the council, and its operation's receipt seen in a pull. */
function isSafe({ opId, verifiedAt }: PhotoRow, ops: OpRow[]): boolean {
  return verifiedAt !== null && ops.some(({ op_id, ackedAt }) => op_id === opId && ackedAt !== null);
}

/** Operations with nothing left to do for so long that their lines may go; refused ones after what was said in their place. */
function finished(ops: OpRow[], photos: PhotoRow[], now: number): Set<Id> {
  const open = new Set(photos.filter(({ state, verifiedAt }) => state !== 'left_out' && verifiedAt === null).map(({ opId }) => opId));
  const here = new Set(ops.map(({ op_id }) => op_id));
  const isFinished = ({ op_id, state, ackedAt, supersededBy }: OpRow): boolean =>
    state === 'superseded'
      ? supersededBy === null || !here.has(supersededBy)
      : ackedAt !== null && !open.has(op_id) && isOlder(ackedAt, now, KEEP_ROWS_MS);
  return new Set(ops.filter(isFinished).map(({ op_id }) => op_id));
}

function isOlder(at: Timestamp | null, now: number, ms: number): boolean {
  return at !== null && Date.parse(at) + ms < now;
}
