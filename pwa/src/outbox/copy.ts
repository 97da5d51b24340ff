import type { Change, ChangeRows, ChangeType, Id, PullResponse } from '../wire/types';
import type { Db } from './db';
import { COPY_STORES, type CopyRow, type Owner } from './schema';

/** A newer council may send what this app has no room for: passed over, so that the rest still comes. */
function isKnown({ type }: Change): boolean {
  return COPY_STORES.includes(type);
}

/** What came down from the council: rebuilt at will, never the only copy of anything. */
export class ReadCopy {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async rows<T extends ChangeType>(type: T): Promise<CopyRow<ChangeRows[T]>[]> {
    return this.db.run(async (db) => (await db.getAll(type)) as CopyRow<ChangeRows[T]>[]);
  }

  async rev(type: ChangeType, id: Id): Promise<number | null> {
    return this.db.run(async (db) => (await db.get(type, id))?.rev ?? null);
  }

  /**
   * One page with its cursor and its receipts, in one transaction: a kill loses all of it or nothing. A reset empties
   * the copy first and leaves the outbox alone, apart from the receipts it gains. `at` in milliseconds.
   */
  async apply(page: PullResponse, owner: Owner, at: number): Promise<void> {
    const when = new Date(at).toISOString();
    await this.db.run(async (db) => {
      const tx = db.transaction(['meta', 'ops', 'photos', ...COPY_STORES], 'readwrite');
      const ops = await Promise.all(page.acked_ops.map((id) => tx.objectStore('ops').get(id)));
      const photos = await Promise.all(page.verified_photos.map((id) => tx.objectStore('photos').get(id)));
      await Promise.all([
        // A reset may mean that the council went back to a backup: ask it soon what it still has.
        ...(page.reset ? [tx.objectStore('meta').delete('reconciled'), ...COPY_STORES.map((name) => tx.objectStore(name).clear())] : []),
        ...page.changes.filter(isKnown).map(async (change) => {
          const store = tx.objectStore(change.type);
          if (change.del) await store.delete(change.id);
          else await store.put({ id: change.id, rev: change.rev, row: change.put } as never);
        }),
        ...ops.map(async (row) => {
          if (row?.ackedAt !== null || row.state === 'superseded') return;
          const receivedAt = row.receivedAt ?? page.server_time;
          await tx.objectStore('ops').put({ ...row, state: 'received', receivedAt, ackedAt: page.server_time, leaseUntil: 0 });
        }),
        ...photos.map(async (row) => {
          if (row?.verifiedAt !== null) return;
          const state = row.state === 'left_out' ? 'left_out' : 'uploaded';
          await tx.objectStore('photos').put({ ...row, state, sent: row.bytes, verifiedAt: page.server_time, problem: null });
        }),
        ...(page.reference ? [tx.objectStore('meta').put({ body: page.reference }, 'reference')] : []),
        tx.objectStore('meta').put({ ...owner, cursor: page.cursor, asOf: when }, 'cursor'),
        tx.done,
      ]);
    });
  }

  /** Somebody else's work list has no place on this phone. The outbox stays as it is. */
  async clear(): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction(['meta', ...COPY_STORES], 'readwrite');
      await Promise.all([
        ...COPY_STORES.map((name) => tx.objectStore(name).clear()),
        tx.objectStore('meta').delete('cursor'),
        tx.objectStore('meta').delete('map'),
        tx.done,
      ]);
    });
  }
}
