import type { Api } from '../wire/api';
import { NoNetwork, Refused } from '../wire/client';
import type { Id } from '../wire/types';
import type { Db } from './db';

const FRESH_MS = 3_600_000;

/** The lists behind the form and the lines behind the map: fetched once, then asked for again now and then. */
export class Lists {
  private readonly db: Db;
  private readonly api: Api;
  private readonly now: () => number;
  private referenceAt = -Infinity;
  private mapAt = -Infinity;

  constructor(db: Db, api: Api, now: () => number) {
    this.db = db;
    this.api = api;
    this.now = now;
  }

  /** Answers whether anything changed. Being out of reach is no failure: what is stored stays good. */
  async refresh(authorityId: Id | null): Promise<boolean> {
    try {
      const reference = await this.refreshReference();
      return (authorityId !== null && (await this.refreshMap(authorityId))) || reference;
    } catch (error) {
      if (error instanceof NoNetwork || error instanceof Refused) return false;
      throw error;
    }
  }

  private async refreshReference(): Promise<boolean> {
    if (this.now() - this.referenceAt < FRESH_MS) return false;
    const stored = await this.db.meta('reference');
    const fresh = await this.api.reference(stored?.etag ?? null);
    this.referenceAt = this.now();
    if (fresh !== null) await this.db.setMeta('reference', fresh);
    return fresh !== null;
  }

  private async refreshMap(authorityId: Id): Promise<boolean> {
    const stored = await this.db.meta('map');
    const ours = stored?.authorityId === authorityId;
    if (ours && this.now() - this.mapAt < FRESH_MS) return false;
    const fresh = await this.api.map(ours ? stored.etag : null);
    this.mapAt = this.now();
    if (fresh !== null) await this.db.setMeta('map', { ...fresh, authorityId });
    return fresh !== null;
  }
}
