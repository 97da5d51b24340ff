import { newId } from '../shared/ids';
import { receiptCode } from '../shared/receipt';
import { sha256Text } from '../shared/sha256';
import type { Id, OpPayloads, OpType, PhotoManifest, Position } from '../wire/types';
import type { ReadCopy } from './copy';
import type { Db } from './db';
import type { DraftStore } from './drafts';
import { saveWithRoom } from './room';
import type { MetaValues, OpRow } from './schema';
import type { OutboxStore } from './store';
import { type Besides, NOTHING_ELSE, type NewOp } from './strict';
import type { JobResultInput, NewPhoto, NoteTarget, ReportInput, Saved } from './types';
import { SaveError, asSaveError } from './words';

/** The shape of the payloads this app writes. */
const SCHEMA = 1;

export interface SavingParts {
  db: Db;
  store: OutboxStore;
  copy: ReadCopy;
  drafts: DraftStore;
  now: () => number;
  /** Called once something has been saved. */
  saved: () => Promise<void>;
}

export interface NewThing<T extends OpType> {
  type: T;
  entityId: Id;
  payload: OpPayloads[T];
  after?: Id | null;
  baseRev?: number | null;
  photos?: NewPhoto[];
  besides?: Besides;
  draft?: Id | undefined;
}

/** What a person did becomes an operation: its text fixed and hashed once, stored with its photos, read back. */
export class Saving {
  private readonly parts: SavingParts;

  constructor(parts: SavingParts) {
    this.parts = parts;
  }

  /**
   * A report saved under the id of a refused one, or named to replace it, says it anew: the refused operation and the
   * positions given to it are superseded, and what else was added to it follows the new one.
   */
  async report(input: ReportInput, photos: NewPhoto[], replaces: Id | null = null): Promise<Saved> {
    const payload = { ...input, photos: manifest(photos), extra: {} };
    const besides = await plainly(() => this.overRefused(replaces ?? input.id));
    const saved = await this.save({ type: 'report.create', entityId: input.id, payload, photos, besides });
    await afterwards(() => this.parts.drafts.remove(input.id));
    return saved;
  }

  /** Linked to the report's own operation, so that it can never arrive before it. */
  async locate(reportId: Id, position: Position): Promise<Saved> {
    const ops = await plainly(() => this.parts.store.opsOn(reportId));
    const after = ops.find(({ type, state }) => type === 'report.create' && state !== 'superseded')?.op_id ?? null;
    const replaces = ops.filter(({ type, state }) => type === 'report.locate' && state === 'needs_you');
    return this.save({
      type: 'report.locate', entityId: reportId, payload: { position }, after, besides: { ...NOTHING_ELSE, replaces },
    });
  }

  async jobResult(jobId: Id, { result, reason, position, photos = [], draft }: JobResultInput): Promise<Saved> {
    const payload = {
      result,
      ...(reason === undefined ? {} : { reason }),
      ...(position === undefined ? {} : { position }),
      photos: manifest(photos),
    };
    const baseRev = await plainly(() => this.parts.copy.rev('job', jobId));
    const after = await this.lastQueuedOn(jobId);
    return this.save({ type: 'job.result', entityId: jobId, payload, baseRev, after, photos, draft });
  }

  async note(target: NoteTarget, text: string): Promise<Saved> {
    const entityId = 'job' in target ? target.job : target.case;
    const type = 'job' in target ? ('job.note' as const) : ('case.note' as const);
    return this.save({ type, entityId, payload: { text }, after: await this.lastQueuedOn(entityId) });
  }

  /** Saves any one thing. Throws SaveError. */
  async save<T extends OpType>(thing: NewThing<T>): Promise<Saved> {
    return plainly(async () => {
      const session = await this.parts.db.meta('session');
      if (session === undefined) throw new SaveError('signed_out');
      const op = await this.operation(thing, session);
      await this.store(op, thing.photos ?? [], thing.besides ?? NOTHING_ELSE);
      await afterwards(() => this.parts.saved());
      const receipt = thing.type.startsWith('report.') ? receiptCode(thing.entityId) : null;
      return { opId: op.op_id, entityId: thing.entityId, savedAt: op.savedAt, receiptCode: receipt };
    });
  }

  /** When there is no room, photos the council has checked give way, and it is tried once more. */
  private async store(op: NewOp, photos: NewPhoto[], besides: Besides): Promise<void> {
    const { store } = this.parts;
    await saveWithRoom(() => store.save(op, photos, besides), () => store.giveWay());
  }

  private async overRefused(reportOrOp: Id): Promise<Besides> {
    const ops = await this.parts.store.ops();
    const isIt = (row: OpRow): boolean => row.entity_id === reportOrOp || row.op_id === reportOrOp;
    const created = ops.find((row) => row.type === 'report.create' && row.state === 'needs_you' && isIt(row));
    if (created === undefined) return NOTHING_ELSE;
    const unsent = ops.filter(({ entity_id, state }) => entity_id === created.entity_id && state !== 'received' && state !== 'superseded');
    return {
      ...NOTHING_ELSE,
      replaces: unsent.filter(({ type }) => type === 'report.create' || type === 'report.locate'),
      follows: unsent.filter(({ type }) => type === 'report.add').map((row) => ({ ...row, state: 'queued' })),
    };
  }

  /** Of this person: what somebody else saved here may not go before they are back, and nothing of this person's waits for that. */
  private async lastQueuedOn(entityId: Id): Promise<Id | null> {
    return plainly(async () => {
      const mine = (await this.parts.db.meta('session'))?.user.id;
      const queued = (await this.parts.store.opsOn(entityId)).filter(({ state, userId }) => state === 'queued' && userId === mine);
      return queued.sort((a, b) => a.seq - b.seq).at(-1)?.op_id ?? null;
    });
  }

  private async operation<T extends OpType>(thing: NewThing<T>, { user, authority }: MetaValues['session']): Promise<NewOp> {
    const at = new Date(this.parts.now());
    const payload = JSON.stringify(thing.payload);
    return {
      op_id: newId(),
      type: thing.type,
      entity_id: thing.entityId,
      base_rev: thing.baseRev ?? null,
      after: thing.after ?? null,
      schema: SCHEMA,
      payload,
      payload_sha256: await sha256Text(payload),
      device_time: at.toISOString(),
      tz_offset_min: 0 - at.getTimezoneOffset(),
      clock_offset_ms: (await this.parts.db.meta('clockOffsetMs')) ?? null,
      userId: user.id,
      authorityId: authority.id,
      savedAt: at.toISOString(),
      ...UNSENT,
      ...(thing.draft === undefined ? {} : { draft: thing.draft }),
    };
  }
}

/** How every operation begins. */
export const UNSENT = {
  state: 'queued',
  rev: null,
  problem: null,
  verdict: null,
  receivedAt: null,
  ackedAt: null,
  supersededBy: null,
  deadLetteredAt: null,
  exportedAt: null,
  attempts: 0,
  nextAt: 0,
  leaseUntil: 0,
} as const satisfies Partial<NewOp>;

/** What follows a save that worked. Its failing must not make it look as if it had not: the same would be saved twice. */
export async function afterwards(...steps: (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) await step().catch(() => undefined);
}

async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asSaveError(error);
  }
}

/** The photos as a report announces them. */
export function manifest(photos: NewPhoto[]): PhotoManifest[] {
  return photos.map(({ id, sha256, bytes, mime, takenAt }) => ({
    id,
    sha256,
    bytes: bytes.byteLength,
    mime,
    ...(takenAt === null ? {} : { taken_at: takenAt }),
  }));
}
