import { expect } from 'vitest';

import type { Link, NewPhoto } from '../../src/outbox';
import { Council, OTHER, type Seat, USER } from '../council';
import { HardDb, type Phone, oneLock, openPage } from './phone';

export const PEOPLE = [USER, OTHER] as const;

export interface Promised {
  opId: string;
  /** The item that shows it: the report's id for reports. */
  itemId: string;
  userId: string;
  photos: NewPhoto[];
}

/** The council, its clock, and the phones that are judged together with it. */
export class World {
  readonly council = new Council();
  readonly phones: readonly [ModelPhone, ModelPhone];
  /** What the council's clock says; milliseconds. */
  time = Date.parse('2026-11-20T08:00:00Z');
  rows = 0;
  weeksWent = false;
  /** Photos the council has ever called checked. */
  readonly checked = new Set<string>();
  /** Applications that a restore took away: they count once more when they come again. */
  lostApplications = 0;

  constructor(name: string) {
    this.council.clock = () => this.time;
    this.phones = [new ModelPhone(this, `${name}-a`), new ModelPhone(this, `${name}-b`)];
  }

  get promised(): Promised[] {
    return this.phones.flatMap(({ promised }) => promised);
  }

  async close(): Promise<void> {
    await Promise.all(this.phones.map((phone) => phone.close()));
  }

  async check(): Promise<void> {
    const { council } = this;
    for (const id of council.photos.keys()) this.checked.add(id);
    expect(council.applications).toBe(council.applied.size + this.lostApplications);
    expect(new Set([...council.applied.values()].map(({ payload_sha256 }) => payload_sha256)).size).toBe(council.applied.size);
    const owners = new Map(this.promised.map(({ opId, userId }) => [opId, userId]));
    for (const { op_id, userId } of council.applied.values()) expect(userId).toBe(owners.get(op_id) ?? userId);
    for (const phone of this.phones) await phone.check();
  }

  /** Last night's backup comes back. Not after weeks: a phone asks again only for what is younger than 30 days. */
  restore(): void {
    if (this.weeksWent) return;
    const { council } = this;
    for (const id of council.photos.keys()) this.checked.add(id);
    this.lostApplications += council.applied.size;
    council.applied.clear();
    council.photos.clear();
    council.uploads.clear();
    for (const { seat } of this.phones) seat.resetNext = true;
  }
}

/** One phone, and what it has promised so far. */
export class ModelPhone {
  readonly seat: Seat = { user: null, deviceId: null, resetNext: false };
  readonly promised: Promised[] = [];
  readonly locks = oneLock();
  /** By how much its clock is off; milliseconds. */
  skew = 0;
  full = false;
  link: Link = 'unknown';
  /** What was last said of photos on this phone, and the photo bytes that went against it. */
  photosWait = false;
  strayBytes = 0;
  /** Faults of the next calls, one each. */
  faults: ReturnType<Council['fault']>[] = [];
  offline = false;
  cut = false;
  /** After so many more calls somebody else is signed in, by another tab or the desk, and this page does not know yet. */
  handOver: { calls: number; to: Seat['user'] } | null = null;
  private readonly world: World;
  private readonly name: string;
  private readonly wire: typeof fetch;
  private tabs: Phone[] = [];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.wire = world.council.fetchFrom(this.seat, () => {
      if (this.handOver !== null && this.handOver.calls-- === 0) {
        this.seat.user = this.handOver.to;
        this.handOver = null;
      }
      return this.offline ? 'lost_request' : (this.faults.shift() ?? 'none');
    });
  }

  /** A reply cut in the middle: the head promised more than came. */
  private readonly fetch: typeof fetch = async (input, init) => {
    const { body } = init ?? {};
    if (this.photosWait && this.link !== 'wifi' && body instanceof ArrayBuffer) this.strayBytes += body.byteLength;
    const answer = await this.wire(input, init);
    if (!this.cut || answer.body === null) return answer;
    this.cut = false;
    const text = await answer.text();
    return new Response(text.slice(0, Math.floor(text.length / 2)), { status: answer.status, headers: answer.headers });
  };

  async tab(steps = Infinity, afterCommit = false): Promise<Phone> {
    const db = new HardDb(this.name, () => this.full, steps, afterCommit);
    const phone = await openPage(this.world.council, this.name, {
      db, fetch: this.fetch, locks: this.locks, now: () => this.world.time + this.skew, link: () => this.link,
    });
    this.tabs.push(phone);
    return phone;
  }

  async page(): Promise<Phone> {
    return this.tabs[0] ?? this.tab();
  }

  async letPhotosWait(wait: boolean): Promise<void> {
    await (await this.page()).outbox.setPhotosWait(wait);
    this.photosWait = wait;
  }

  async close(): Promise<void> {
    await Promise.all(this.tabs.map(({ db }) => db.close()));
    this.tabs = [];
  }

  async check(): Promise<void> {
    const { council, checked } = this.world;
    expect(this.strayBytes).toBe(0);
    const { outbox, db } = await this.page();
    const [ops, cursor, cases] = await db.run((handle) =>
      Promise.all([handle.getAll('ops'), handle.get('meta', 'cursor'), handle.getAllKeys('case')]),
    );
    const session = outbox.session.value;
    const here = 'user' in session ? session.user.id : null;
    const seen = new Set(outbox.items.value.map(({ id }) => id));
    const saved = new Map(this.promised.map((promise) => [promise.opId, promise]));
    // What one phone saved is never on another.
    for (const { op_id, userId } of ops) expect(saved.get(op_id)?.userId ?? this.unpromised(op_id, userId)).toBe(userId);
    for (const { opId, itemId, userId, photos: given } of this.promised) {
      const row = ops.find(({ op_id }) => op_id === opId);
      expect(council.applied.has(opId) || row !== undefined).toBe(true);
      if (userId === here && row !== undefined && !council.applied.has(opId)) expect(seen.has(itemId)).toBe(true);
      if (userId !== here) expect(seen.has(itemId)).toBe(false);
      for (const { id, bytes } of given) {
        const kept = await outbox.photo(id);
        if (kept === null) expect(checked.has(id)).toBe(true);
        else expect(kept.bytes.byteLength).toBe(bytes.byteLength);
      }
    }
    const passed = Number((cursor as { cursor: string } | undefined)?.cursor ?? 0);
    expect(new Set(cases)).toEqual(new Set(newest(council, passed).keys()));
  }

  /** A save that was cut short promised nothing, and its row is still its person's. */
  private unpromised(opId: string, userId: string): string | null {
    const isElsewhere = this.world.promised.some((promise) => promise.opId === opId);
    return isElsewhere ? null : userId;
  }
}

/** The council's cases after so many of its changes, by id, with the revision each has then. */
export function newest({ changes }: Council, passed: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const change of changes.slice(0, passed)) {
    if ('put' in change) found.set(change.id, change.rev);
    else found.delete(change.id);
  }
  return found;
}
