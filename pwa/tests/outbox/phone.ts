import { vi } from 'vitest';

import { newId } from '../../src/shared/ids';
import { sha256 } from '../../src/shared/sha256';
import { Db, type NewPhoto, type Outbox, type OutboxDeps, type ReportInput, createOutbox } from '../../src/outbox';
import type { Handle } from '../../src/outbox/db';
import type { Council } from '../council';

/** The page was killed: nothing it had not committed exists any more. */
export class Killed extends Error {}

/** Storage that dies with its page at a chosen step, before or after that step's commit. */
export class MortalDb extends Db {
  private steps: number;
  private readonly afterCommit: boolean;

  constructor(name: string, steps = Infinity, afterCommit = false) {
    super(name);
    this.steps = steps;
    this.afterCommit = afterCommit;
  }

  override async run<T>(work: (db: Handle) => Promise<T>): Promise<T> {
    this.steps -= 1;
    if (this.steps < 0 || (this.steps === 0 && !this.afterCommit)) throw new Killed();
    const done = await super.run(work);
    if (this.steps === 0) throw new Killed();
    return done;
  }
}

/** Storage without room for anything new while it is full: the strict writes of a save fail, as browsers let them. */
export class HardDb extends MortalDb {
  private readonly isFull: (db: Handle) => boolean | Promise<boolean>;

  constructor(name: string, isFull: (db: Handle) => boolean | Promise<boolean>, steps = Infinity, afterCommit = false) {
    super(name, steps, afterCommit);
    this.isFull = isFull;
  }

  override run<T>(work: (db: Handle) => Promise<T>): Promise<T> {
    return super.run(async (db) => work((await this.isFull(db)) ? fullProxy(db) : db));
  }
}

function fullProxy(db: Handle): Handle {
  return new Proxy(db, {
    get: (target, name) => {
      if (name !== 'transaction') {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
      }
      return (stores: never, mode: never, options?: { durability?: string }) => {
        if (options?.durability === 'strict') throw new DOMException('full', 'QuotaExceededError');
        return target.transaction(stores, mode, options as never);
      };
    },
  });
}

/** Storage that from now on keeps something else than it is given in one of its stores, and says nothing of it. */
export function alterWrites<T>(store: string, altered: (value: T) => T): { mockRestore: () => void } {
  const keep = Reflect.get(IDBObjectStore.prototype, 'put');
  return vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: T, key?: IDBValidKey) {
    return keep.call(this, this.name === store ? altered(value) : value, key);
  });
}

/** Storage that rejects the reading of one row: always, or the first `times`. Its key it still finds. */
export function cannotRead(store: string, id: IDBValidKey, error: DOMException, times = Infinity): { mockRestore: () => void } {
  const get = Reflect.get(IDBObjectStore.prototype, 'get');
  return vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key: IDBValidKey | IDBKeyRange) {
    if (this.name === store && key === id && times-- > 0) throw error;
    return get.call(this, key);
  });
}

/** Storage that fails the next call of this kind on one of its stores. */
export function failOnce(call: 'getAll', store: string): void {
  const real = Reflect.get(IDBObjectStore.prototype, call);
  const spy = vi.spyOn(IDBObjectStore.prototype, call).mockImplementation(function (this: IDBObjectStore, ...given) {
    if (this.name !== store) return real.apply(this, given);
    spy.mockRestore();
    throw new DOMException('The disk has failed', 'DataError');
  });
}

/** One lock manager for all tabs of a phone; only what the outbox uses. */
export function oneLock(): LockManager {
  let held = false;
  const request = async (_name: string, _options: LockOptions, work: (lock: Lock | null) => unknown) => {
    if (held) return work(null);
    held = true;
    try {
      return await work({ name: 'outbox', mode: 'exclusive' });
    } finally {
      held = false;
    }
  };
  return { request } as unknown as LockManager;
}

export interface Phone {
  outbox: Outbox;
  db: Db;
}

/** A page opened on the phone whose storage is called `name`. */
export async function openPage(council: Council, name: string, given: Partial<OutboxDeps> = {}): Promise<Phone> {
  const db = given.db ?? new MortalDb(name);
  const outbox = createOutbox({
    fetch: council.fetch,
    now: Date.now,
    random: () => 0.5,
    locks: oneLock(),
    channel: { postMessage: () => undefined, onmessage: null },
    userAgent: 'Mozilla/5.0 (Linux; Android 15) Chrome/140',
    link: () => 'unknown',
    forgetPictures: () => Promise.resolve(true),
    ...given,
    db,
  });
  await outbox.ready;
  return { outbox, db };
}

/** A page with somebody signed in. */
export async function openSignedIn(council: Council, name: string, given: Partial<OutboxDeps> = {}): Promise<Phone> {
  const phone = await openPage(council, name, given);
  await phone.outbox.signIn('crew@demo.example', 'right');
  return phone;
}

export function reportInput(patch: Partial<ReportInput> = {}): ReportInput {
  return {
    id: newId(),
    kind: 'fly_tip',
    category: 'fly_tip',
    seen_at: '2026-11-20T06:42:10Z',
    position: { lat: 52.57552, lon: -1.54448, accuracy_m: 8, source: 'gps', fixed_at: '2026-11-20T06:42:05Z' },
    description: 'Fridge and six tyres – gate side',
    waste: ['white_goods'],
    size: 'small_van_load',
    land: 'highway',
    hazards: [],
    witnessed: false,
    joins: null,
    ...patch,
  };
}

export async function photoOf(text: string): Promise<NewPhoto> {
  const bytes = new TextEncoder().encode(text).buffer;
  return { id: newId(), bytes, sha256: await sha256(bytes), mime: 'image/jpeg', takenAt: '2026-11-20T06:42:00Z' };
}
