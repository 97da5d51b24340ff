import type { IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';

import { COPY_STORES, type MetaValues, type OpRow, type OutboxSchema, type PhotoRow } from './schema';

export type Handle = IDBPDatabase<OutboxSchema>;
type Upgrade = IDBPTransaction<OutboxSchema, StoreNames<OutboxSchema>[], 'versionchange'>;

/** Additive only: an upgrade makes stores, indexes and members, and never drops what waits to be sent. */
export const VERSION = 2;

/** Brings storage of any earlier version to this one, step by step, inside the one transaction that opens it. */
export async function upgrade(db: Handle, oldVersion: number, _newVersion: number | null, tx: Upgrade): Promise<void> {
  if (oldVersion < 1) createStores(db);
  if (oldVersion < 2) db.createObjectStore('people', { keyPath: 'id' });
  if (oldVersion === 1) await fillSecondVersion(tx);
}

function createStores(db: Handle): void {
  db.createObjectStore('meta');
  db.createObjectStore('ops', { keyPath: 'op_id' }).createIndex('entity', 'entity_id');
  db.createObjectStore('photos', { keyPath: 'id' });
  db.createObjectStore('photo_bytes', { keyPath: 'id' });
  db.createObjectStore('drafts', { keyPath: 'id' });
  db.createObjectStore('draft_photos', { keyPath: 'id' }).createIndex('draft', 'draftId');
  for (const name of COPY_STORES) db.createObjectStore(name, { keyPath: 'id' });
}

/** What rows of the first version lack: who has been here, whose the drafts are, and what became of refused things. */
async function fillSecondVersion(tx: Upgrade): Promise<void> {
  const [meta, ops, photos] = [tx.objectStore('meta'), tx.objectStore('ops'), tx.objectStore('photos')];
  const session = (await meta.get('session')) as MetaValues['session'] | undefined;
  if (session !== undefined) {
    await meta.put({ ...session, seenAt: Date.now(), revoked: null }, 'session');
    await tx.objectStore('people').put({ id: session.user.id, name: session.user.name });
  }
  for (const row of await ops.getAll()) await ops.put({ ...OP_SINCE_2, ...row });
  for (const row of await photos.getAll()) await photos.put({ ...PHOTO_SINCE_2, ...row });
  const drafts = tx.objectStore('drafts');
  for (const row of await drafts.getAll()) await drafts.put({ ...row, userId: session?.user.id ?? null });
}

const OP_SINCE_2 = { supersededBy: null, deadLetteredAt: null, exportedAt: null } satisfies Partial<OpRow>;
const PHOTO_SINCE_2 = { deadLetteredAt: null } satisfies Partial<PhotoRow>;
