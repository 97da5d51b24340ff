import type { Api } from '../wire/api';
import { NoNetwork, Refused } from '../wire/client';
import type { Id } from '../wire/types';
import type { Db } from './db';

const FRESH_MS = 3_600_000;

/** The lines and names of the map: fetched once, then asked for again now and then. */
export class MapLines {
  private readonly db: Db;
  private readonly api: Api;
  private readonly now: () => number;
  private askedAt = -Infinity;

  constructor(db: Db, api: Api, now: () => number) {
    this.db = db;
    this.api = api;
    this.now = now;
  }

  /** Answers whether anything changed. Being out of reach is no failure: what is stored stays good. */
  async refresh(authorityId: Id): Promise<boolean> {
    try {
      return await this.askAgain(authorityId);
    } catch (error) {
      if (error instanceof NoNetwork || error instanceof Refused) return false;
      throw error;
    }
  }

  private async askAgain(authorityId: Id): Promise<boolean> {
    const stored = await this.db.meta('map');
    const ours = stored?.authorityId === authorityId;
    if (ours && this.now() - this.askedAt < FRESH_MS) return false;
    const fresh = await this.api.map(ours ? stored.etag : null);
    this.askedAt = this.now();
    if (fresh !== null) await this.db.setMeta('map', { ...fresh, authorityId });
    return fresh !== null;
  }
}
