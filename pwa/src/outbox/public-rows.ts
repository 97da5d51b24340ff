import type { PublicStatus } from '../wire/public-api';
import type { Id, Problem } from '../wire/types';
import { type Standing, judgePhoto } from './asking';
import type { Db, Handle } from './db';
import { letGo } from './room';
import type { OpRow, PhotoRow } from './schema';
import type { Clock } from './store';
import { putOff, settle } from './verdicts';

/** Nobody signs in to report as a resident: all rows of a residents' database are of this one person. */
export const RESIDENT = 'resident';

const GONE =
  'The council does not have this photo, and it is no longer on this phone. If you have it elsewhere, add it by “Follow this report”.';

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

  /** Its photos' way has closed: it is sent once more, after a pause, which opens the way again. */
  async sendAgain(opId: Id): Promise<void> {
    await this.change(opId, (row) => this.queuedAgain(row));
  }

  /** The council does not know it any more: it is sent once more, after a pause, with all its photos that are still here. */
  async lost(opId: Id): Promise<void> {
    await this.judge(opId, (row) => this.queuedAgain(row), () => 'missing');
  }

  /**
   * The council was asked afterwards, and has the report: what it says of the photos holds, whatever it said before. What it
   * has had for long enough by its own clock may go: a phone whose clock jumps has not kept anything for longer.
   */
  async confirm(opId: Id, { verified_photos, missing_photos, server_time: at }: PublicStatus): Promise<void> {
    const askedAt = this.clock.now();
    const [verified, missing] = [new Set(verified_photos), new Set(missing_photos)];
    const standingOf = (id: Id): Standing => (verified.has(id) ? { verifiedAt: at } : missing.has(id) ? 'missing' : 'received');
    await this.judge(opId, (row) => ({ ...row, ackedAt: row.ackedAt ?? at, askedAt }), standingOf);
    await letGo(this.db, Date.parse(at), (row) => row.op_id === opId);
  }

  /** Takes a report off this phone. Only for what the council has, or for what its sender gave up. */
  async forget(opId: Id): Promise<void> {
    await this.remove((op) => op.op_id === opId);
  }

  /** A refused report gives way to the one that was saved in its place. */
  async dropReplaced(): Promise<void> {
    await this.remove((op, ops) => op.state === 'needs_you' && ops.some((other) => other.entity_id === op.entity_id && other.seq > op.seq));
  }

  private queuedAgain(row: OpRow): OpRow {
    return { ...putOff(row, null, this.clock.now(), this.clock.random), state: 'queued', ackedAt: null };
  }

  /** Changes a report and its photos by what the council said of each, in one transaction. */
  private async judge(opId: Id, changed: (row: OpRow) => OpRow, standingOf: (id: Id) => Standing): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction(ALL, 'readwrite');
      const [ops, photos, bytes] = [tx.objectStore('ops'), tx.objectStore('photos'), tx.objectStore('photo_bytes')];
      const [op, rows, kept] = await Promise.all([ops.get(opId), photos.getAll(), bytes.getAllKeys()]);
      const here = new Set(kept);
      const judged = rows.filter((row) => row.opId === opId).map((row) => {
        const change = judgePhoto(row, standingOf(row.id), here.has(row.id));
        return { ...row, ...change, ...(change?.state === 'needs_you' ? { problem: GONE } : {}) };
      });
      await Promise.all([
        ...(op === undefined ? [] : [ops.put(changed(op))]),
        ...judged.map((row) => photos.put(row)),
        tx.done,
      ]);
    });
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
