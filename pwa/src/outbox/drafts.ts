import { newestFirst } from '../shared/time';
import type { Id } from '../wire/types';
import type { Db } from './db';
import type { DraftStoreRow, MetaValues, OpRow } from './schema';
import type { DraftRow, Drafts, NewPhoto } from './types';

/** Reports and results of jobs not yet saved, with the photos picked for them. Kept apart from what is sent: nothing here ever leaves. */
export class DraftStore implements Drafts {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async put(row: DraftRow, photos: NewPhoto[]): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction(['meta', 'drafts', 'draft_photos'], 'readwrite');
      const store = tx.objectStore('draft_photos');
      const [session, before, there] = await Promise.all([
        tx.objectStore('meta').get('session') as Promise<MetaValues['session'] | undefined>,
        tx.objectStore('drafts').get(row.id),
        store.index('draft').getAllKeys(row.id),
      ]);
      const wanted = new Set(photos.map(({ id }) => id));
      await Promise.all([
        tx.objectStore('drafts').put({ ...row, userId: before?.userId ?? session?.user.id ?? null }),
        ...photos.filter(({ id }) => !there.includes(id)).map((photo) => store.put({ ...photo, draftId: row.id })),
        ...there.filter((id) => !wanted.has(id)).map((id) => store.delete(id)),
        tx.done,
      ]);
    });
  }

  async get(id: Id): Promise<{ row: DraftRow; photos: NewPhoto[] } | null> {
    return this.db.run(async (db) => {
      const [row, photos] = await Promise.all([db.get('drafts', id), db.getAllFromIndex('draft_photos', 'draft', id)]);
      return row === undefined ? null : { row, photos };
    });
  }

  /** Reports, newest first. */
  async list(): Promise<DraftRow[]> {
    return (await this.unsaved()).filter(({ job }) => job === undefined);
  }

  /** Results of jobs, newest first. */
  async results(): Promise<DraftRow[]> {
    return (await this.unsaved()).filter(({ job }) => job !== undefined);
  }

  /**
   * Only those of the person here: on a shared phone nobody finishes another's report under their own name. A draft
   * that was saved just before the page was killed is no draft any more.
   */
  private async unsaved(): Promise<DraftStoreRow[]> {
    return this.db.run(async (db) => {
      const [rows, ops, session] = await Promise.all([db.getAll('drafts'), db.getAll('ops'), db.get('meta', 'session')]);
      const here = (session as MetaValues['session'] | undefined)?.user.id;
      return rows
        .filter((row) => (row.userId === null || row.userId === here) && !ops.some((op) => isOf(op, row)))
        .sort((a, b) => newestFirst(a.updatedAt, b.updatedAt));
    });
  }

  async remove(id: Id): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction(['drafts', 'draft_photos'], 'readwrite');
      const photos = await tx.objectStore('draft_photos').index('draft').getAllKeys(id);
      await Promise.all([
        tx.objectStore('drafts').delete(id),
        ...photos.map((photoId) => tx.objectStore('draft_photos').delete(photoId)),
        tx.done,
      ]);
    });
  }
}

/**
 * A job can get a second result later, so an operation names the draft it was. Those of earlier versions and mended ones
 * name none: of them only what was saved after the draft was last written is it.
 */
function isOf({ type, entity_id, userId, savedAt, state, draft }: OpRow, row: DraftStoreRow): boolean {
  if (draft !== undefined) return draft === row.id;
  if (state !== 'queued' && state !== 'received') return false;
  if (row.job === undefined) return type === 'report.create' && entity_id === row.id;
  return type === 'job.result' && entity_id === row.job && userId === row.userId && savedAt >= row.updatedAt;
}
