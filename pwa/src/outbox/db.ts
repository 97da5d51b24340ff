import { type IDBPDatabase, openDB } from 'idb';

import { COPY_STORES, type MetaKey, type MetaValues, type OutboxSchema } from './schema';

export type Handle = IDBPDatabase<OutboxSchema>;

/** Additive only: an upgrade may make stores and indexes, and never drops what waits to be sent. */
const VERSION = 1;

/** What iOS says when it has closed the connection behind our back. */
const CLOSED_UNDER_US = new Set(['InvalidStateError', 'UnknownError']);

/** The connection: opened when first needed, and again when the system has closed it. */
export class Db {
  private readonly name: string;
  private handle: Promise<Handle> | null = null;

  constructor(name: string) {
    this.name = name;
  }

  /** Runs `work`, once more on a new connection if the old one turns out to be closed. `work` must be repeatable. */
  async run<T>(work: (db: Handle) => Promise<T>): Promise<T> {
    try {
      return await work(await this.open());
    } catch (error) {
      if (!(error instanceof DOMException && CLOSED_UNDER_US.has(error.name))) throw error;
      await this.close();
      return await work(await this.open());
    }
  }

  async meta<K extends MetaKey>(key: K): Promise<MetaValues[K] | undefined> {
    return this.run(async (db) => (await db.get('meta', key)) as MetaValues[K] | undefined);
  }

  async setMeta<K extends MetaKey>(key: K, value: MetaValues[K]): Promise<void> {
    await this.run((db) => db.put('meta', value, key));
  }

  async close(): Promise<void> {
    const handle = this.handle;
    this.handle = null;
    await handle?.then(
      (db) => db.close(),
      () => undefined,
    );
  }

  private open(): Promise<Handle> {
    this.handle ??= this.connect();
    return this.handle;
  }

  private async connect(): Promise<Handle> {
    const forget = (): void => {
      this.handle = null;
    };
    try {
      return await openDB<OutboxSchema>(this.name, VERSION, {
        upgrade: createStores,
        // A newer page wants to upgrade: step aside, and open again when next needed.
        blocking: () => void this.close(),
        terminated: forget,
      });
    } catch (error) {
      forget();
      throw error;
    }
  }
}

function createStores(db: Handle, oldVersion: number): void {
  if (oldVersion >= 1) return;
  db.createObjectStore('meta');
  db.createObjectStore('ops', { keyPath: 'op_id' }).createIndex('entity', 'entity_id');
  db.createObjectStore('photos', { keyPath: 'id' });
  db.createObjectStore('photo_bytes', { keyPath: 'id' });
  db.createObjectStore('drafts', { keyPath: 'id' });
  db.createObjectStore('draft_photos', { keyPath: 'id' }).createIndex('draft', 'draftId');
  for (const name of COPY_STORES) db.createObjectStore(name, { keyPath: 'id' });
}
