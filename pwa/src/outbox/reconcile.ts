import { type Api, RECONCILE_LIMIT } from '../wire/api';
import type { Id, ReconcileResponse } from '../wire/types';
import { type Standing, isLately, judgePhoto } from './asking';
import type { Db } from './db';
import { isOf } from './room';
import type { OpRow, Owner, PhotoRow } from './schema';
import type { OutboxStore } from './store';

export interface ReconcileParts {
  db: Db;
  store: OutboxStore;
  api: Api;
  now: () => number;
}

/** What the answers to a reconciliation do to the rows here, gathered first, so that a cut one changes nothing. */
class Findings {
  readonly ops = new Map<Id, Partial<OpRow>>();
  readonly photos = new Map<Id, Partial<PhotoRow>>();
  again = 0;
  lost = 0;
}

/**
 * Compares with the council what this phone believes it handed over: what a lost disk or a restored backup took there
 * is sent again from here. Daily, when a person asks, and after a reset.
 */
export class Reconcile {
  private readonly parts: ReconcileParts;

  constructor(parts: ReconcileParts) {
    this.parts = parts;
  }

  /** Whether this person's things were not compared lately: what another's comparison found says nothing about them. */
  async isDue(owner: Owner): Promise<boolean> {
    const last = await this.parts.db.meta('reconciled');
    if (last === undefined || !isOf(last, owner)) return true;
    return !isLately(Date.parse(last.at), this.parts.now());
  }

  /** From now on due. */
  async ask(): Promise<void> {
    await this.parts.db.run((db) => db.delete('meta', 'reconciled'));
  }

  /**
   * For every row this person has handed over in this authority: lines are kept for thirty days, and longer where no
   * comparison was possible. Throws NoNetwork or Refused, and then changed nothing.
   */
  async run(deviceId: Id, owner: Owner): Promise<{ again: number }> {
    const { db, store, api, now } = this.parts;
    const at = now();
    const ops = (await store.ops()).filter((row) => row.state === 'received' && isOf(row, owner));
    const mine = new Set(ops.map(({ op_id }) => op_id));
    const photos = (await store.photos()).filter(({ opId, state }) => mine.has(opId) && state !== 'left_out');
    const bytes = await store.keptBytes();
    const found = new Findings();
    for (let i = 0; i < Math.max(ops.length, photos.length); i += RECONCILE_LIMIT) {
      const [some, others] = [ops.slice(i, i + RECONCILE_LIMIT), photos.slice(i, i + RECONCILE_LIMIT)];
      const answer = await api.reconcile({
        device_id: deviceId,
        op_ids: some.map(({ op_id }) => op_id),
        photo_ids: others.map(({ id }) => id),
      });
      judgeOps(found, some, answer);
      judgePhotos(found, others, answer, bytes);
    }
    await store.change(found.ops, found.photos);
    const { again, lost } = found;
    const { userId, authorityId } = owner;
    await db.setMeta('reconciled', { userId, authorityId, at: new Date(at).toISOString(), asked: ops.length + photos.length, again, lost });
    return { again };
  }
}

/** The server has never heard of it, whatever it once answered: it goes again, as it was. */
function judgeOps(found: Findings, asked: OpRow[], { ops }: ReconcileResponse): void {
  const unknown = new Set(ops.unknown);
  for (const { op_id } of asked.filter((row) => unknown.has(row.op_id))) {
    const fresh = { state: 'queued', rev: null, verdict: null, receivedAt: null, ackedAt: null, exportedAt: null, attempts: 0, nextAt: 0 } as const;
    found.ops.set(op_id, fresh);
    found.again += 1;
  }
}

function judgePhotos(found: Findings, asked: PhotoRow[], { photos, server_time: verifiedAt }: ReconcileResponse, bytes: Set<Id>): void {
  const said: [Standing, Id[]][] = [[{ verifiedAt }, photos.verified], ['received', photos.received], ['missing', [...photos.expected, ...photos.unknown]]];
  const standings = new Map(said.flatMap(([standing, ids]) => ids.map((id) => [id, standing])));
  for (const row of asked) {
    const standing = standings.get(row.id);
    const change = standing === undefined ? null : judgePhoto(row, standing, bytes.has(row.id));
    if (change === null) continue;
    found.photos.set(row.id, change);
    if (change.state === 'waiting') {
      // It was checked when a file was made, so the file may lack it.
      found.ops.set(row.opId, { ...found.ops.get(row.opId), exportedAt: null });
      found.again += 1;
    }
    if (change.state === 'needs_you') found.lost += 1;
  }
}
