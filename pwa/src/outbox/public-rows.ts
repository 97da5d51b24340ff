import type { Id, Problem } from '../wire/types';
import type { Db, Handle } from './db';
import type { OpRow, PhotoRow } from './schema';
import type { Clock } from './store';
import { putOff, settle } from './verdicts';

/** Nobody signs in to report as a resident: all rows of a residents' database are of this one person. */
export const RESIDENT = 'resident';

const ALL = ['ops', 'photos', 'photo_bytes'] as const;

/** The changes of state that only residents' reports go through, each in one transaction. */
export class PublicRows {
  private readonly db: Db;
  private readonly clock: Clock;

  constructor(db: Db, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  /** The council has it: kept together with the way for its photos, so that neither is ever known without the other. */
  async arrived(opId: Id, granted: NonNullable<OpRow['granted']>): Promise<void> {
    await this.change(opId, (row) => ({ ...this.settled(row, 'applied', null), granted }));
  }

  /** The council cannot take it as it is (`rejected`), or not now (`retry`). */
  async refused(opId: Id, verdict: 'rejected' | 'retry', problem: Problem): Promise<void> {
    await this.change(opId, (row) => this.settled(row, verdict, problem));
  }

  /** The council does not know it (any more), or its photos' way has closed: it is sent once more, after a pause. */
  async sendAgain(opId: Id): Promise<void> {
    await this.change(opId, (row) => ({ ...putOff(row, null, this.clock.now(), this.clock.random), state: 'queued', ackedAt: null }));
  }

  /** The council was asked afterwards, and has the report and these photos whole. */
  async confirm(opId: Id, verified: ReadonlySet<Id>): Promise<void> {
    const askedAt = this.clock.now();
    const at = new Date(askedAt).toISOString();
    await this.db.run(async (db) => {
      const tx = db.transaction(['ops', 'photos'], 'readwrite');
      const op = await tx.objectStore('ops').get(opId);
      const photos = (await tx.objectStore('photos').getAll()).filter(
        (row) => row.opId === opId && row.verifiedAt === null && verified.has(row.id),
      );
      await Promise.all([
        ...photos.map((row) => tx.objectStore('photos').put({ ...row, state: 'uploaded', problem: null, verifiedAt: at })),
        ...(op === undefined ? [] : [tx.objectStore('ops').put({ ...op, ackedAt: op.ackedAt ?? at, askedAt })]),
        tx.done,
      ]);
    });
  }

  /** Takes a report off this phone. Only for what the council has, or for what its sender gave up. */
  async forget(opId: Id): Promise<void> {
    await this.remove((op) => op.op_id === opId);
  }

  /** A refused report gives way to the one that was saved in its place. */
  async dropReplaced(): Promise<void> {
    await this.remove((op, ops) => op.state === 'needs_you' && ops.some((other) => other.entity_id === op.entity_id && other.seq > op.seq));
  }

  private settled(row: OpRow, verdict: 'applied' | 'rejected' | 'retry', problem: Problem | null): OpRow {
    const result = { op_id: row.op_id, verdict, ...(problem === null ? {} : { problem }) };
    return settle(row, result, this.clock.now(), this.clock.random);
  }

  private async change(opId: Id, changed: (row: OpRow) => OpRow): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction('ops', 'readwrite');
      const row = await tx.store.get(opId);
      if (row !== undefined) await tx.store.put(changed(row));
      await tx.done;
    });
  }

  private async remove(goes: (op: OpRow, ops: OpRow[]) => boolean): Promise<void> {
    await this.db.run(async (db: Handle) => {
      const tx = db.transaction(ALL, 'readwrite');
      const ops = await tx.objectStore('ops').getAll();
      const gone = new Set(ops.filter((op) => goes(op, ops)).map(({ op_id }) => op_id));
      const photos: PhotoRow[] = gone.size === 0 ? [] : await tx.objectStore('photos').getAll();
      const going = photos.filter(({ opId }) => gone.has(opId)).map(({ id }) => id);
      await Promise.all([
        ...[...gone].map((id) => tx.objectStore('ops').delete(id)),
        ...going.map((id) => tx.objectStore('photos').delete(id)),
        ...going.map((id) => tx.objectStore('photo_bytes').delete(id)),
        tx.done,
      ]);
    });
  }
}
