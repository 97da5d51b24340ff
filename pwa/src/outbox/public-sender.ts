import { type Client, NoNetwork, Refused } from '../wire/client';
import type { PublicApi } from '../wire/public-api';
import type { TusClient } from '../wire/tus';
import { isLately } from './asking';
import { type Outcome, type Turn, drainAlone } from './drain';
import type { Locks } from './live-locks';
import type { PhotoRow, OpRow } from './schema';
import { LEASE_MS, PhotoSender } from './photo-sender';
import { type PublicRows, RESIDENT } from './public-rows';
import type { Claim, Clock, OutboxStore } from './store';

const LOCK = 'outbox-residents';
/** Of these answers only its sender can make anything; everything else goes by itself in time. */
const TO_MEND = [404, 409, 413, 422];

export interface PublicSenderParts extends Clock {
  store: OutboxStore;
  rows: PublicRows;
  api: PublicApi;
  client: Client;
  locks: Locks | undefined;
  /** Called after each step that changed stored rows. */
  changed: () => Promise<void>;
}

/** How a resident's reports go: each by the public's door, then its photos, then a look whether all of it is there. */
export class PublicSender {
  private readonly parts: PublicSenderParts;
  private readonly photos: PhotoSender;

  constructor(parts: PublicSenderParts) {
    this.parts = parts;
    this.photos = new PhotoSender(parts);
  }

  async drain(): Promise<Outcome> {
    return drainAlone(this.parts, LOCK, (turn) => this.attempt(turn));
  }

  private async attempt({ soleSender, inTime }: Turn): Promise<Outcome> {
    const claim: Claim = { userId: RESIDENT, leaseMs: LEASE_MS, soleSender };
    try {
      await this.parts.rows.dropReplaced();
      await this.sendReports(claim, inTime);
      await this.sendPhotos(claim, inTime);
      await this.confirm(inTime);
      return { kind: 'done', more: !inTime() };
    } catch (error) {
      if (error instanceof NoNetwork) return { kind: 'no_network' };
      if (!(error instanceof Refused)) throw error;
      const { title, detail } = error.problem;
      return { kind: 'refused', message: detail ?? title, retryAfterS: error.retryAfterS };
    } finally {
      await this.parts.changed();
    }
  }

  private async sendReports(claim: Claim, inTime: () => boolean): Promise<void> {
    while (inTime()) {
      const [op] = await this.parts.store.takeBatch(claim, 1);
      if (op === undefined) return;
      await this.parts.changed();
      await this.sendReport(op);
      await this.parts.changed();
    }
  }

  private async sendReport({ op_id: opId, payload }: OpRow): Promise<void> {
    const { api, rows, store } = this.parts;
    try {
      const receipt = await api.report(JSON.parse(payload) as object);
      await rows.arrived(opId, { statusUrl: receipt.status_url, uploadToken: receipt.upload_token });
    } catch (error) {
      const about = error instanceof Refused ? aboutTheReport(error) : null;
      if (about === null || !(error instanceof Refused)) {
        await store.release([opId]);
        throw error;
      }
      await rows.refused(opId, about, error.problem);
    }
  }

  private async sendPhotos(claim: Claim, inTime: () => boolean): Promise<void> {
    while (inTime()) {
      const photo = await this.parts.store.takePhoto(claim);
      if (photo === null) return;
      await this.parts.changed();
      await this.sendPhoto(photo, inTime);
      await this.sendReports(claim, inTime);
    }
  }

  private async sendPhoto(photo: PhotoRow, inTime: () => boolean): Promise<void> {
    const op = (await this.parts.store.ops()).find(({ op_id }) => op_id === photo.opId);
    try {
      await this.photos.send(photo, this.withToken(op?.granted?.uploadToken ?? ''), inTime);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      // The way for its photos closes after a while. The same report again opens it again.
      await this.parts.rows.sendAgain(photo.opId);
    }
  }

  private withToken(token: string): TusClient {
    const { client } = this.parts;
    return { send: (call) => client.send({ ...call, headers: { ...call.headers, Authorization: `Bearer ${token}` } }) };
  }

  /**
   * Asks afterwards, by the report's own page, what really is there, and daily for as long as it is kept here: a council
   * that had to go back to a backup has lost it again. Only what it has just said it has may go from this phone.
   */
  private async confirm(inTime: () => boolean): Promise<void> {
    const { store, rows, api, now } = this.parts;
    const [ops, photos] = await Promise.all([store.ops(), store.photos()]);
    const unsure = new Set(photos.filter(({ verifiedAt }) => verifiedAt === null).map(({ opId }) => opId));
    for (const { op_id: opId, state, ackedAt, askedAt, granted } of ops) {
      if (!inTime()) return;
      const isSure = ackedAt !== null && askedAt !== undefined && !unsure.has(opId) && isLately(askedAt, now());
      if (state !== 'received' || granted === undefined || isSure) continue;
      try {
        await rows.confirm(opId, await api.status(granted.statusUrl));
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 404) throw error;
        await rows.lost(opId);
      }
      await this.parts.changed();
    }
  }
}

/** Whether the answer is about this one report, and what it means for it; null when it concerns every report. */
function aboutTheReport({ status }: Refused): 'rejected' | 'retry' | null {
  if (TO_MEND.includes(status)) return 'rejected';
  return status === 400 || status === 500 ? 'retry' : null;
}
