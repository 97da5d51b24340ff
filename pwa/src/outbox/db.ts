import { type ReadonlySignal, signal } from '@preact/signals-core';
import { openDB } from 'idb';

import type { MetaKey, MetaValues, OutboxSchema } from './schema';
import { type Handle, VERSION, upgrade } from './upgrades';

export type { Handle } from './upgrades';

/** Why storage cannot be opened for now: an older page holds it, or a newer Tipwatch has already changed it. */
export type Hindrance = 'older_page' | 'newer_version' | null;

/** What iOS says when it has closed the connection behind our back. */
const CLOSED_UNDER_US = new Set(['InvalidStateError', 'UnknownError']);

/** The connection: opened when first needed, and again when the system has closed it. */
export class Db {
  readonly hindrance: ReadonlySignal<Hindrance>;

  private readonly name: string;
  private readonly hindered = signal<Hindrance>(null);
  private handle: Promise<Handle> | null = null;

  constructor(name: string) {
    this.name = name;
    this.hindrance = this.hindered;
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
      const db = await openDB<OutboxSchema>(this.name, VERSION, {
        upgrade: (made, from, to, tx) => void upgrade(made, from, to, tx),
        blocked: () => (this.hindered.value = 'older_page'),
        // A newer page wants to upgrade: step aside, and open again when next needed.
        blocking: () => void this.close(),
        terminated: forget,
      });
      this.hindered.value = null;
      return db;
    } catch (error) {
      forget();
      if (error instanceof DOMException && error.name === 'VersionError') this.hindered.value = 'newer_version';
      throw error;
    }
  }
}
