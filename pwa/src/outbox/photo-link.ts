import type { Signal } from '@preact/signals-core';

import type { Db } from './db';
import type { Link } from './types';

/** Part of the Network Information API, which only some browsers have, and the type library not at all. */
interface TellsItsLink {
  readonly connection?: { readonly type?: string };
}

/** What the browser says photos would go by. */
export function linkOf(browser: object): Link {
  const type = (browser as TellsItsLink).connection?.type;
  if (type === 'wifi' || type === 'ethernet') return 'wifi';
  return type === 'cellular' ? 'mobile' : 'unknown';
}

/** Whether photos may go now. Text never asks. */
export class PhotoLink {
  private readonly db: Db;
  private readonly link: () => Link;
  private readonly held: Signal<boolean>;
  private anyway = false;

  constructor(db: Db, link: () => Link, held: Signal<boolean>) {
    this.db = db;
    this.link = link;
    this.held = held;
  }

  /** A person said "send photos now anyway": for what waits now, until all of it has gone. */
  letGoOnce(): void {
    this.anyway = true;
  }

  async mayGo(): Promise<boolean> {
    const waits = (await this.db.meta('photosWait')) ?? false;
    const photos = waits ? await this.db.run((db) => db.getAll('photos')) : [];
    if (!photos.some(({ state }) => state === 'waiting')) this.anyway = false;
    const may = !waits || this.anyway || this.link() === 'wifi';
    this.held.value = !may;
    return may;
  }
}
