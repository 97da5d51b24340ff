import { sha256, sha256Text } from '../shared/sha256';
import type { Id } from '../wire/types';
import type { Db, Handle } from './db';
import type { OpRow, PhotoRow } from './schema';
import type { NewPhoto } from './types';
import { SaveError } from './words';

export type NewOp = Omit<OpRow, 'seq'>;

/** What a save does beside adding its own rows. */
export interface Besides {
  /** Refused operations that this one says anew: kept, but no longer shown or sent. */
  replaces: OpRow[];
  /** Operations that were to follow a replaced one, and now follow this one. */
  follows: OpRow[];
  /** A photo the person said to go on without. */
  leavesOut: Id | null;
}

export const NOTHING_ELSE: Besides = { replaces: [], follows: [], leavesOut: null };

/** How the rows were that a save changed, to be put back when it did not work out. */
interface Before {
  ops: OpRow[];
  photos: PhotoRow[];
  /** Photos whose bytes were not here before. */
  added: Id[];
}

/** Does what takes a save back, sooner or later; never rejects. */
export type TakeBack = (undo: () => Promise<void>) => Promise<void>;

/**
 * Saves an operation with its photos in one strictly durable transaction, then reads all of it back and compares
 * sizes and hashes. Throws SaveError `changed` when they differ; storage errors pass through. In both cases all of it is
 * taken back: what was not called saved must not go.
 */
export async function saveStrictly(db: Db, op: NewOp, photos: NewPhoto[], besides: Besides, takeBack: TakeBack): Promise<OpRow> {
  const { row, before } = await db.run((handle) => write(handle, op, photos, besides));
  let kept = false;
  try {
    kept = await isKept(db, row, photos);
  } finally {
    if (!kept) await takeBack(() => db.run((handle) => undo(handle, row.op_id, photos, before)));
  }
  if (!kept) throw new SaveError('changed');
  return row;
}

async function write(db: Handle, op: NewOp, photos: NewPhoto[], besides: Besides): Promise<{ row: OpRow; before: Before }> {
  const tx = db.transaction(['meta', 'ops', 'photos', 'photo_bytes'], 'readwrite', { durability: 'strict' });
  const [meta, bytes] = [tx.objectStore('meta'), tx.objectStore('photo_bytes')];
  const seq = Number((await meta.get('seq')) ?? 0) + 1;
  const row: OpRow = { ...op, seq };
  const ids = [...photos.map(({ id }) => id), ...(besides.leavesOut === null ? [] : [besides.leavesOut])];
  const known = (await Promise.all(ids.map((id) => tx.objectStore('photos').get(id)))).filter((photo) => photo !== undefined);
  const there = await Promise.all(photos.map(({ id }) => bytes.getKey(id)));
  const added = photos.filter((_, i) => there[i] === undefined);
  const { replaces, follows, leavesOut } = besides;
  await Promise.all([
    meta.put(seq, 'seq'),
    tx.objectStore('ops').put(row),
    ...replaces.map((old) => tx.objectStore('ops').put({ ...old, state: 'superseded', supersededBy: op.op_id, leaseUntil: 0 })),
    ...follows.map((old) => tx.objectStore('ops').put({ ...old, after: op.op_id, entity_id: op.entity_id, nextAt: 0, exportedAt: null })),
    ...photos.map((photo) => tx.objectStore('photos').put(photoRow(op, photo))),
    ...known.filter(({ id }) => id === leavesOut).map((photo) => tx.objectStore('photos').put({ ...photo, state: 'left_out' })),
    ...added.map(({ id, bytes: content }) => bytes.put({ id, bytes: content })),
    tx.done,
  ]);
  return { row, before: { ops: [...replaces, ...follows], photos: known, added: added.map(({ id }) => id) } };
}

async function isKept(db: Db, op: OpRow, photos: NewPhoto[]): Promise<boolean> {
  const [row, stored] = await db.run((handle) =>
    Promise.all([handle.get('ops', op.op_id), Promise.all(photos.map(({ id }) => handle.get('photo_bytes', id)))]),
  );
  if (row === undefined || (await sha256Text(row.payload)) !== op.payload_sha256) return false;
  const same = photos.map(async (photo, i) => {
    const bytes = stored[i]?.bytes;
    return bytes?.byteLength === photo.bytes.byteLength && (await sha256(bytes)) === photo.sha256;
  });
  return (await Promise.all(same)).every(Boolean);
}

async function undo(db: Handle, opId: Id, photos: NewPhoto[], before: Before): Promise<void> {
  const tx = db.transaction(['ops', 'photos', 'photo_bytes'], 'readwrite');
  const had = new Set(before.photos.map(({ id }) => id));
  await Promise.all([
    tx.objectStore('ops').delete(opId),
    ...before.ops.map((row) => tx.objectStore('ops').put(row)),
    ...before.photos.map((row) => tx.objectStore('photos').put(row)),
    ...photos.filter(({ id }) => !had.has(id)).map(({ id }) => tx.objectStore('photos').delete(id)),
    ...before.added.map((id) => tx.objectStore('photo_bytes').delete(id)),
    tx.done,
  ]);
}

function photoRow(op: NewOp, photo: NewPhoto): PhotoRow {
  return {
    id: photo.id,
    opId: op.op_id,
    userId: op.userId,
    sha256: photo.sha256,
    bytes: photo.bytes.byteLength,
    mime: photo.mime,
    state: 'waiting',
    sent: 0,
    problem: null,
    verifiedAt: null,
    purgedAt: null,
    deadLetteredAt: null,
    attempts: 0,
    nextAt: 0,
    leaseUntil: 0,
  };
}
