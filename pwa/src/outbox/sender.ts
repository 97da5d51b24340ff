import { type Api, PUSH_LIMITS, clockOffsetMs } from '../wire/api';
import { type Client, NoNetwork, Refused, type Timed } from '../wire/client';
import type { Told } from '../wire/types';
import type { ReadCopy } from './copy';
import type { Db } from './db';
import { sendDeadLetters } from './dead-letters';
import { type Outcome, type Turn, drainAlone } from './drain';
import type { Locks } from './live-locks';
import type { People, Present } from './people';
import { LEASE_MS, OTHER_PERSON, PhotoSender, concernsThePhone } from './photo-sender';
import { Reconcile } from './reconcile';
import { isOf } from './room';
import type { OpRow } from './schema';
import { type Claim, type Clock, type OutboxStore, wireOp } from './store';

const LOCK = 'outbox';

export interface SenderParts extends Clock {
  db: Db;
  store: OutboxStore;
  copy: ReadCopy;
  people: People;
  api: Api;
  client: Client;
  locks: Locks | undefined;
  appVersion: string;
  /** Whether a drain may begin another call. */
  mayGoOn: () => boolean;
  /** Whether photos may go by the link there is now. */
  photosMayGo: () => Promise<boolean>;
  /** The council says that this app is too old to read all it sends, or that it is not. */
  updateNeeded: (needed: boolean) => void;
  /** Called after each step that changed stored rows: what waits, or what came down as well. */
  changed: (what: 'outbox' | 'all') => Promise<void>;
}

type Here = Extract<Present, { here: true }>;

/** The queue's policy: what goes when, and what each answer means. One drain at a time over all tabs. */
export class Sender {
  readonly reconcile: Reconcile;

  private readonly parts: SenderParts;
  private readonly photos: PhotoSender;
  /** Made smaller by pushes that were lost on the way, so that a weak link gets bodies it can carry. */
  private pushLimit: number = PUSH_LIMITS.ops;

  constructor(parts: SenderParts) {
    this.parts = parts;
    this.photos = new PhotoSender({ store: parts.store, now: parts.now, changed: () => parts.changed('outbox') });
    this.reconcile = new Reconcile(parts);
  }

  async drain(): Promise<Outcome> {
    return drainAlone(this.parts, LOCK, ({ soleSender, inTime }) =>
      this.attempt({ soleSender, inTime: () => inTime() && this.parts.mayGoOn() }),
    );
  }

  private async attempt({ soleSender, inTime }: Turn): Promise<Outcome> {
    try {
      const present = await this.parts.people.check();
      await this.parts.changed('outbox');
      if (!present.here) return { kind: 'paused' };
      await this.exchange(present, { userId: present.userId, leaseMs: LEASE_MS, soleSender }, inTime);
      // Out of time may mean that the clock was moved meanwhile, and what was not compared yet may be lost at the council.
      if (inTime() && !(await this.reconcile.isDue(present))) await this.parts.store.purge((row) => isOf(row, present));
      return { kind: 'done', more: !inTime() };
    } catch (error) {
      return await this.explain(error);
    } finally {
      await this.parts.changed('outbox');
    }
  }

  /** Text first; then what came down; then what needs an officer or was lost at the council; photos last. */
  private async exchange(present: Here, claim: Claim, inTime: () => boolean): Promise<void> {
    const { store, api, now } = this.parts;
    await this.push(present, claim, inTime);
    await this.pull(present, inTime);
    await aside(() => sendDeadLetters(store, api, present.deviceId, present.userId, now));
    if (await this.reconciled(present)) await this.push(present, claim, inTime);
    if (await this.sendPhotos(present, claim, inTime)) await this.pull(present, inTime);
  }

  private async explain(error: unknown): Promise<Outcome> {
    if (error instanceof NoNetwork) return { kind: 'no_network' };
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) {
      await this.parts.people.pause();
      return { kind: 'paused' };
    }
    const { title, detail, code } = error.problem;
    if (code === 'device_revoked') {
      await this.parts.people.revoke(detail ?? title);
      return { kind: 'paused' };
    }
    if (code === OTHER_PERSON) {
      // At once, or they would go on saving under the name of the one before.
      await this.parts.people.check();
      await this.parts.changed('all');
      return { kind: 'paused' };
    }
    return { kind: 'refused', message: detail ?? title, retryAfterS: error.retryAfterS };
  }

  // ---- operations --------------------------------------------------------------------------------------------------

  private async push(present: Here, claim: Claim, inTime: () => boolean): Promise<void> {
    let limit = this.pushLimit;
    while (inTime()) {
      const batch = await this.parts.store.takeBatch(claim, limit);
      if (batch.length === 0) return;
      await this.parts.changed('outbox');
      const fits = await this.pushBatch(present, batch);
      await this.parts.changed('outbox');
      limit = fits ? PUSH_LIMITS.ops : Math.max(1, Math.floor(batch.length / 2));
    }
  }

  /** Answers false when the server could not take the batch as a whole and a smaller one should be tried. */
  private async pushBatch(present: Here, batch: OpRow[]): Promise<boolean> {
    const { api, store } = this.parts;
    try {
      const answer = await api.push({ device_id: present.deviceId, user_id: present.userId, ops: batch.map(wireOp) });
      await store.settle(answer.results);
      await this.learnClock(answer.server_time, answer);
      this.pushLimit = PUSH_LIMITS.ops;
      return true;
    } catch (error) {
      if (!isAboutTheBatch(error)) {
        if (error instanceof NoNetwork) this.pushLimit = Math.max(1, Math.floor(batch.length / 2));
        await store.release(batch.map(({ op_id }) => op_id));
        throw error;
      }
      await this.narrow(batch, error);
      return false;
    }
  }

  /** A batch refused as a whole: halve it until the one operation at fault stands alone, and only that one waits. */
  private async narrow(batch: OpRow[], { problem }: Refused): Promise<void> {
    const [only] = batch;
    if (batch.length > 1 || only === undefined) {
      await this.parts.store.release(batch.map(({ op_id }) => op_id));
      return;
    }
    const verdict = problem.status === 413 || problem.status === 422 ? 'rejected' : 'retry';
    await this.parts.store.settle([{ op_id: only.op_id, verdict, problem }]);
  }

  /** Answers whether anything has to go again. */
  private async reconciled(present: Here): Promise<boolean> {
    if (!(await this.reconcile.isDue(present))) return false;
    const found = await aside(() => this.reconcile.run(present.deviceId, present));
    await this.parts.changed('outbox');
    return found !== null && found.again > 0;
  }

  // ---- photos ------------------------------------------------------------------------------------------------------

  /** One photo at a time, and operations saved meanwhile go before the next. Answers whether any went. */
  private async sendPhotos(present: Here, claim: Claim, inTime: () => boolean): Promise<boolean> {
    let sent = false;
    while (inTime() && (await this.parts.photosMayGo())) {
      const photo = await this.parts.store.takePhoto(claim);
      if (photo === null) return sent;
      await this.parts.changed('outbox');
      sent = (await this.photos.send(photo, this.parts.client, inTime)) || sent;
      await this.push(present, claim, inTime);
    }
    return sent;
  }

  // ---- what comes down -----------------------------------------------------------------------------------------------

  private async pull(present: Here, inTime: () => boolean): Promise<void> {
    const { db, api, copy, now, people } = this.parts;
    const owner = { userId: present.userId, authorityId: present.authorityId };
    for (let more = true; more && inTime(); ) {
      const cursor = (await db.meta('cursor'))?.cursor ?? null;
      const page = await api.pull(cursor, await this.told());
      await copy.apply(page, owner, now());
      await people.revoke(null);
      await this.learnClock(page.server_time, page);
      this.parts.updateNeeded(page.update_needed === true);
      await this.parts.changed('all');
      more = page.more;
    }
  }

  private async told(): Promise<Told> {
    const { db, store, appVersion } = this.parts;
    const unsent = await store.unsent();
    const oldest = unsent.map(({ savedAt }) => savedAt).sort()[0] ?? null;
    const clock_offset_ms = (await db.meta('clockOffsetMs')) ?? null;
    return { unsent: unsent.length, oldest_unsent_at: oldest, app_version: appVersion, clock_offset_ms };
  }

  private async learnClock(serverTime: string, answer: Timed): Promise<void> {
    const offset = clockOffsetMs(serverTime, answer);
    if (Number.isFinite(offset)) await this.parts.db.setMeta('clockOffsetMs', offset);
  }
}

/** Something in the batch upsets the server: cut off, too large, not understood, or its own failure over one operation. */
function isAboutTheBatch(error: unknown): error is Refused {
  return error instanceof Refused && [400, 413, 422, 500].includes(error.status);
}

/** Something beside the main way: a council that does not know this call, or fails over it, must not stop the photos. */
async function aside<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Refused && !concernsThePhone(error)) return null;
    throw error;
  }
}
