import { sha256, sha256Text } from '../shared/sha256';
import { PUSH_LIMITS } from '../wire/api';
import type { Id, OpResult, Timestamp, WireOp } from '../wire/types';
import type { Db } from './db';
import type { OpRow, PhotoRow } from './schema';
import type { NewPhoto, StoredPhoto } from './types';
import { LONGEST_WAIT_MS, putOff, settle } from './verdicts';
import { SaveError } from './words';

const DAY_MS = 86_400_000;
/** How long the phone keeps the bytes of a photo the council has checked, and the lines of what it has handed over. */
const KEEP_BYTES_MS = 7 * DAY_MS;
const KEEP_ROWS_MS = 30 * DAY_MS;
/** Room for the request around the operations. */
const ENVELOPE_BYTES = 1_024;

export interface Clock {
  /** Phone clock in milliseconds. */
  now: () => number;
  /** 0 ≤ r < 1 */
  random: () => number;
}

export type NewOp = Omit<OpRow, 'seq'>;

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

  constructor(db: Db, clock: Clock) {
    this.db = db;
    this.clock = clock;
  }

  /**
   * Saves an operation with its photos in one strictly durable transaction, then reads all of it back and compares
   * sizes and hashes. Throws SaveError `changed` (and keeps nothing) when they differ; storage errors pass through.
   */
  async save(op: NewOp, photos: NewPhoto[]): Promise<OpRow> {
    const row = await this.db.run(async (db) => {
      const tx = db.transaction(['meta', 'ops', 'photos', 'photo_bytes'], 'readwrite', { durability: 'strict' });
      const meta = tx.objectStore('meta');
      const seq = Number((await meta.get('seq')) ?? 0) + 1;
      const numbered: OpRow = { ...op, seq };
      await Promise.all([
        meta.put(seq, 'seq'),
        tx.objectStore('ops').put(numbered),
        ...photos.map((photo) => tx.objectStore('photos').put(photoRow(op, photo))),
        ...photos.map(({ id, bytes }) => tx.objectStore('photo_bytes').put({ id, bytes })),
        tx.done,
      ]);
      return numbered;
    });
    if (await this.kept(row, photos)) return row;
    await this.remove(row.op_id, photos.map(({ id }) => id));
    throw new SaveError('changed');
  }

  async ops(): Promise<OpRow[]> {
    return this.db.run((db) => db.getAll('ops'));
  }

  async photos(): Promise<PhotoRow[]> {
    return this.db.run((db) => db.getAll('photos'));
  }

  async opsOn(entityId: Id): Promise<OpRow[]> {
    return this.db.run((db) => db.getAllFromIndex('ops', 'entity', entityId));
  }

  async photo(id: Id): Promise<StoredPhoto | null> {
    return this.db.run(async (db) => {
      const [row, stored] = await Promise.all([db.get('photos', id), db.get('photo_bytes', id)]);
      return row !== undefined && stored !== undefined ? { bytes: stored.bytes, mime: row.mime } : null;
    });
  }

  /** The next operations to push, oldest first, at most `limit` and within the size of a push; leased to the caller. */
  async takeBatch(claim: Claim, limit: number): Promise<OpRow[]> {
    const now = this.clock.now();
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
      const received = new Set(
        (await tx.objectStore('ops').getAll()).filter(({ state }) => state === 'received').map(({ op_id }) => op_id),
      );
      const next = (await tx.objectStore('photos').getAll())
        .filter((row) => row.state === 'waiting' && received.has(row.opId) && isDue(row, claim, now))
        .sort((a, b) => a.bytes - b.bytes)[0];
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
    await this.db.run(async (db) => {
      const tx = db.transaction('photos', 'readwrite');
      const row = await tx.store.get(id);
      if (row !== undefined) await tx.store.put({ ...row, ...change });
      await tx.done;
    });
  }

  async putOffPhoto(row: PhotoRow, afterS: number | null, problem: string | null): Promise<void> {
    await this.changePhoto(row.id, { ...putOff({ attempts: row.attempts }, afterS, this.clock.now(), this.clock.random), problem });
  }

  /** A person asked: whatever was put off may go now. */
  async forgetWaits(userId: Id): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction(BOTH, 'readwrite');
      const [ops, photos] = await Promise.all([tx.objectStore('ops').getAll(), tx.objectStore('photos').getAll()]);
      await Promise.all([
        ...ops.filter((row) => row.userId === userId && row.nextAt > 0).map((row) => tx.objectStore('ops').put({ ...row, nextAt: 0 })),
        ...photos.filter((row) => row.userId === userId && row.nextAt > 0).map((row) => tx.objectStore('photos').put({ ...row, nextAt: 0 })),
        tx.done,
      ]);
    });
  }

  /** Lets go of what the council has had, checked and confirmed for long enough. Nothing else ever leaves the outbox. */
  async purge(): Promise<void> {
    const now = this.clock.now();
    await this.db.run(async (db) => {
      const tx = db.transaction(['ops', 'photos', 'photo_bytes'], 'readwrite');
      const [ops, photos] = await Promise.all([tx.objectStore('ops').getAll(), tx.objectStore('photos').getAll()]);
      const acked = new Map(ops.filter(({ ackedAt }) => ackedAt !== null).map((row) => [row.op_id, row.ackedAt]));
      const safe = photos.filter(({ opId, verifiedAt }) => acked.has(opId) && verifiedAt !== null);
      const stale = safe.filter((row) => row.purgedAt === null && isOlder(row.verifiedAt, now, KEEP_BYTES_MS));
      const unsafe = new Set(photos.filter((row) => row.verifiedAt === null).map(({ opId }) => opId));
      const done = [...acked].filter(([opId, at]) => !unsafe.has(opId) && isOlder(at, now, KEEP_ROWS_MS)).map(([opId]) => opId);
      const gone = safe.filter(({ opId }) => done.includes(opId));
      await Promise.all([
        ...stale.map(({ id }) => tx.objectStore('photo_bytes').delete(id)),
        ...stale.map((row) => tx.objectStore('photos').put({ ...row, purgedAt: new Date(now).toISOString() })),
        ...gone.map(({ id }) => tx.objectStore('photos').delete(id)),
        ...done.map((opId) => tx.objectStore('ops').delete(opId)),
        tx.done,
      ]);
    });
  }

  private async changeOps(changes: Map<Id, (row: OpRow) => OpRow>): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction('ops', 'readwrite');
      const rows = await Promise.all([...changes.keys()].map((id) => tx.store.get(id)));
      const changed = rows.flatMap((row) => (row === undefined ? [] : [changes.get(row.op_id)?.(row) ?? row]));
      await Promise.all([...changed.map((row) => tx.store.put(row)), tx.done]);
    });
  }

  private async kept(op: OpRow, photos: NewPhoto[]): Promise<boolean> {
    const [row, stored] = await this.db.run((db) =>
      Promise.all([db.get('ops', op.op_id), Promise.all(photos.map(({ id }) => db.get('photo_bytes', id)))]),
    );
    if (row === undefined || (await sha256Text(row.payload)) !== op.payload_sha256) return false;
    const same = photos.map(async (photo, i) => {
      const bytes = stored[i]?.bytes;
      return bytes?.byteLength === photo.bytes.byteLength && (await sha256(bytes)) === photo.sha256;
    });
    return (await Promise.all(same)).every(Boolean);
  }

  private async remove(opId: Id, photoIds: Id[]): Promise<void> {
    await this.db.run(async (db) => {
      const tx = db.transaction(['ops', 'photos', 'photo_bytes'], 'readwrite');
      await Promise.all([
        tx.objectStore('ops').delete(opId),
        ...photoIds.map((id) => tx.objectStore('photos').delete(id)),
        ...photoIds.map((id) => tx.objectStore('photo_bytes').delete(id)),
        tx.done,
      ]);
    });
  }
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
    attempts: 0,
    nextAt: 0,
    leaseUntil: 0,
  };
}

function isDue(row: { userId: Id; nextAt: number; leaseUntil: number }, claim: Claim, now: number): boolean {
  return row.userId === claim.userId && hasPassed(row.nextAt, now) && (claim.soleSender || hasPassed(row.leaseUntil, now));
}

/** A moment further off than any wait was set by a clock that has since been put back: nothing waits for it. */
function hasPassed(at: number, now: number): boolean {
  return at <= now || at > now + LONGEST_WAIT_MS;
}

function isOlder(at: Timestamp | null | undefined, now: number, ms: number): boolean {
  return typeof at === 'string' && Date.parse(at) + ms < now;
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
