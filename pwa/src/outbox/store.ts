import { PUSH_LIMITS } from '../wire/api';
import type { Id, OpResult, WireOp } from '../wire/types';
import type { Db } from './db';
import { isOf, letGo } from './room';
import type { BytesRow, OpRow, PhotoRow } from './schema';
import { type Besides, NOTHING_ELSE, type NewOp, saveStrictly } from './strict';
import type { NewPhoto, StoredPhoto } from './types';
import { hasPassed, putOff, settle } from './verdicts';

/** Room for the request around the operations. */
const ENVELOPE_BYTES = 1_024;

export interface Clock {
  /** Phone clock in milliseconds. */
  now: () => number;
  /** 0 ≤ r < 1 */
  random: () => number;
}

/** What one sender may take: whose rows, until when they are its own, and whether other senders' leases count. */
export interface Claim {
  userId: Id;
  leaseMs: number;
  /** True where a Web Lock already keeps other senders out: what a killed tab had leased can go at once. */
  soleSender: boolean;
}

const BOTH = ['ops', 'photos'] as const;

/** Order and identity of what waits: which rows there are, and every change of their state, each in one transaction. */
export class OutboxStore {
  private readonly db: Db;
  private readonly clock: Clock;
  /** What takes back saves that did not work out, where storage failed for that too. */
  private readonly owed = new Set<() => Promise<void>>();

  constructor(db: Db, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  /** See `saveStrictly`. */
  async save(op: NewOp, photos: NewPhoto[], besides: Besides = NOTHING_ELSE): Promise<OpRow> {
    await this.takeBack();
    return saveStrictly(this.db, op, photos, besides, (undo) => {
      this.owed.add(undo);
      return this.takeBack().catch(() => undefined);
    });
  }

  /** See `letGo`. */
  async purge(mayGo: (row: OpRow) => boolean, needed = false): Promise<void> {
    const offset = (await this.db.meta('clockOffsetMs')) ?? 0;
    await letGo(this.db, this.clock.now() + offset, mayGo, needed);
  }

  /**
   * Makes room by what the council has checked, however lately, of the person whose things were last compared with it:
   * after a reset nothing, until it has said what it still has.
   */
  async giveWay(): Promise<void> {
    const compared = await this.db.meta('reconciled');
    if (compared !== undefined) await this.purge((row) => isOf(row, compared), true);
  }

  async ops(): Promise<OpRow[]> {
    await this.takeBack();
    return this.db.run((db) => db.getAll('ops'));
  }

  async photos(): Promise<PhotoRow[]> {
    return this.db.run((db) => db.getAll('photos'));
  }

  async opsOn(entityId: Id): Promise<OpRow[]> {
    await this.takeBack();
    return this.db.run((db) => db.getAllFromIndex('ops', 'entity', entityId));
  }

  /** Null when its bytes are missing, or are there and this browser can no longer read them. */
  async photo(id: Id): Promise<StoredPhoto | null> {
    const row = await this.db.run((db) => db.get('photos', id));
    const stored = await this.bytes(id);
    return row !== undefined && stored !== undefined ? { bytes: stored.bytes, mime: row.mime } : null;
  }

  /** The next operations to push, oldest first, at most `limit` and within the size of a push; leased to the caller. */
  async takeBatch(claim: Claim, limit: number): Promise<OpRow[]> {
    const now = this.clock.now();
    await this.takeBack();
    return this.db.run(async (db) => {
      const tx = db.transaction('ops', 'readwrite');
      const due = (await tx.store.getAll())
        .filter((row) => row.state === 'queued' && isDue(row, claim, now))
        .sort((a, b) => a.seq - b.seq);
      const batch = withinSize(due.slice(0, limit)).map((row) => ({ ...row, leaseUntil: now + claim.leaseMs }));
      await Promise.all([...batch.map((row) => tx.store.put(row)), tx.done]);
      return batch;
    });
  }

  /** Writes the server's verdicts, all in one transaction. */
  async settle(results: OpResult[]): Promise<void> {
    const now = this.clock.now();
    await this.changeOps(
      new Map(results.map((result) => [result.op_id, (row) => settle(row, result, now, this.clock.random)])),
    );
  }

  /** Gives operations back untouched: the attempt told nothing about them. */
  async release(opIds: Id[]): Promise<void> {
    await this.changeOps(new Map(opIds.map((id) => [id, (row) => ({ ...row, leaseUntil: 0 })])));
  }

  /** The next photo to send: of an operation the council has, smallest first; leased to the caller. */
  async takePhoto(claim: Claim): Promise<PhotoRow | null> {
    const now = this.clock.now();
    return this.db.run(async (db) => {
      const tx = db.transaction(BOTH, 'readwrite');
      const [next] = duePhotos(await tx.objectStore('ops').getAll(), await tx.objectStore('photos').getAll(), claim, now);
      if (next === undefined) {
        await tx.done;
        return null;
      }
      const leased = { ...next, leaseUntil: now + claim.leaseMs };
      await Promise.all([tx.objectStore('photos').put(leased), tx.done]);
      return leased;
    });
  }

  async changePhoto(id: Id, change: Partial<PhotoRow>): Promise<void> {
    await this.change(new Map(), new Map([[id, change]]));
  }

  async putOffPhoto(row: PhotoRow, afterS: number | null, problem: string | null): Promise<void> {
    await this.changePhoto(row.id, { ...putOff({ attempts: row.attempts }, afterS, this.clock.now(), this.clock.random), problem });
  }

  /** A person asked: whatever was put off may go now, also by the council's wish. */
  async forgetWaits(userId: Id): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction([...BOTH, 'meta'], 'readwrite');
      const [ops, photos] = await Promise.all([tx.objectStore('ops').getAll(), tx.objectStore('photos').getAll()]);
      await Promise.all([
        tx.objectStore('meta').delete('asked'),
        ...ops.filter((row) => row.userId === userId && row.nextAt > 0).map((row) => tx.objectStore('ops').put({ ...row, nextAt: 0 })),
        ...photos.filter((row) => row.userId === userId && row.nextAt > 0).map((row) => tx.objectStore('photos').put({ ...row, nextAt: 0 })),
        tx.done,
      ]);
    });
  }

  /** The same change to operations and photos named by id, in one transaction. Ids that are not here are passed over. */
  async change(ops: Map<Id, Partial<OpRow>>, photos: Map<Id, Partial<PhotoRow>>): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction(BOTH, 'readwrite');
      await Promise.all([
        ...[...ops].map(async ([id, change]) => {
          const row = await tx.objectStore('ops').get(id);
          if (row !== undefined) await tx.objectStore('ops').put({ ...row, ...change });
        }),
        ...[...photos].map(async ([id, change]) => {
          const row = await tx.objectStore('photos').get(id);
          if (row !== undefined) await tx.objectStore('photos').put({ ...row, ...change });
        }),
        tx.done,
      ]);
    });
  }

  /** Operations of anybody's here that are not handed over with all their photos. */
  async unsent(): Promise<OpRow[]> {
    const [ops, photos] = await Promise.all([this.ops(), this.photos()]);
    const open = new Set(photos.filter(({ state }) => state === 'waiting' || state === 'needs_you').map(({ opId }) => opId));
    return ops.filter(
      ({ op_id, state }) => state === 'queued' || state === 'needs_you' || (state === 'received' && open.has(op_id)),
    );
  }

  /** Which photos' bytes are still on this phone. */
  async keptBytes(): Promise<Set<Id>> {
    return new Set(await this.db.run((db) => db.getAllKeys('photo_bytes')));
  }

  /** Before operations are shown, built on or sent: none may be among them that its person was told is not saved. */
  private async takeBack(): Promise<void> {
    for (const undo of this.owed) {
      await undo();
      this.owed.delete(undo);
    }
  }

  private async bytes(id: Id): Promise<BytesRow | undefined> {
    try {
      return await this.db.run((db) => db.get('photo_bytes', id));
    } catch {
      // Only storage that still answers says something about this photo: one that does not may read it another time.
      await this.db.run((db) => db.getKey('photo_bytes', id));
      return undefined;
    }
  }

  private async changeOps(changes: Map<Id, (row: OpRow) => OpRow>): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction('ops', 'readwrite');
      const rows = await Promise.all([...changes.keys()].map((id) => tx.store.get(id)));
      const changed = rows.flatMap((row) => (row === undefined ? [] : [changes.get(row.op_id)?.(row) ?? row]));
      await Promise.all([...changed.map((row) => tx.store.put(row)), tx.done]);
    });
  }
}

/** Photos that may go, in their order: of operations the council has, smallest first. */
function duePhotos(ops: OpRow[], photos: PhotoRow[], claim: Claim, now: number): PhotoRow[] {
  const received = new Set(ops.filter(({ state }) => state === 'received').map(({ op_id }) => op_id));
  return photos
    .filter((row) => row.state === 'waiting' && received.has(row.opId) && isDue(row, claim, now))
    .sort((a, b) => a.bytes - b.bytes);
}

function isDue(row: { userId: Id; nextAt: number; leaseUntil: number }, claim: Claim, now: number): boolean {
  return row.userId === claim.userId && hasPassed(row.nextAt, now) && (claim.soleSender || hasPassed(row.leaseUntil, now));
}

/** The operation as it travels: nothing of the phone's own book-keeping. */
export function wireOp(row: OpRow): WireOp {
  const { op_id, seq, type, entity_id, base_rev, after, schema, payload, payload_sha256 } = row;
  const { device_time, tz_offset_min, clock_offset_ms } = row;
  return {
    op_id, seq, type, entity_id, base_rev, after, schema, payload, payload_sha256, device_time, tz_offset_min, clock_offset_ms,
  };
}

function withinSize(rows: OpRow[]): OpRow[] {
  const encoder = new TextEncoder();
  let room = PUSH_LIMITS.bytes - ENVELOPE_BYTES;
  const fitting = rows.findIndex((row) => {
    room -= encoder.encode(JSON.stringify(wireOp(row))).byteLength + 1;
    return room < 0;
  });
  // One operation too large for any push still goes, alone: the server's answer is what makes it "Needs you".
  return fitting === -1 ? rows : rows.slice(0, Math.max(1, fitting));
}
