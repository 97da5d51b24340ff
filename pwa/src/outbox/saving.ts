import { newId } from '../shared/ids';
import { receiptCode } from '../shared/receipt';
import { sha256Text } from '../shared/sha256';
import type { Id, OpPayloads, OpType, PhotoManifest, Position } from '../wire/types';
import type { ReadCopy } from './copy';
import type { Db } from './db';
import type { DraftStore } from './drafts';
import type { MetaValues } from './schema';
import type { NewOp, OutboxStore } from './store';
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

interface Draft<T extends OpType> {
  type: T;
  entityId: Id;
  payload: OpPayloads[T];
  after?: Id | null;
  baseRev?: number | null;
  photos?: NewPhoto[];
}

/** What a person did becomes an operation: its text fixed and hashed once, stored with its photos, read back. */
export class Saving {
  private readonly parts: SavingParts;

  constructor(parts: SavingParts) {
    this.parts = parts;
  }

  async report(input: ReportInput, photos: NewPhoto[]): Promise<Saved> {
    const payload = { ...input, photos: manifest(photos), extra: {} };
    const saved = await this.save({ type: 'report.create', entityId: input.id, payload, photos });
    await this.parts.drafts.remove(input.id);
    return saved;
  }

  /** Linked to the report's own operation, so that it can never arrive before it. */
  async locate(reportId: Id, position: Position): Promise<Saved> {
    const created = (await this.parts.store.opsOn(reportId)).find(({ type }) => type === 'report.create');
    const after = created?.op_id ?? null;
    return this.save({ type: 'report.locate', entityId: reportId, payload: { position }, after });
  }

  async jobResult(jobId: Id, { result, reason, position, photos = [] }: JobResultInput): Promise<Saved> {
    const payload = {
      result,
      ...(reason === undefined ? {} : { reason }),
      ...(position === undefined ? {} : { position }),
      photos: manifest(photos),
    };
    const baseRev = await this.parts.copy.rev('job', jobId);
    const after = await this.lastQueuedOn(jobId);
    return this.save({ type: 'job.result', entityId: jobId, payload, baseRev, after, photos });
  }

  async note(target: NoteTarget, text: string): Promise<Saved> {
    const entityId = 'job' in target ? target.job : target.case;
    const type = 'job' in target ? ('job.note' as const) : ('case.note' as const);
    return this.save({ type, entityId, payload: { text }, after: await this.lastQueuedOn(entityId) });
  }

  private async lastQueuedOn(entityId: Id): Promise<Id | null> {
    const queued = (await this.parts.store.opsOn(entityId)).filter(({ state }) => state === 'queued');
    return queued.sort((a, b) => a.seq - b.seq).at(-1)?.op_id ?? null;
  }

  private async save<T extends OpType>(draft: Draft<T>): Promise<Saved> {
    try {
      const session = await this.parts.db.meta('session');
      if (session === undefined) throw new SaveError('signed_out');
      const op = await this.operation(draft, session);
      await this.parts.store.save(op, draft.photos ?? []);
      await this.parts.saved();
      const receipt = draft.type.startsWith('report.') ? receiptCode(draft.entityId) : null;
      return { opId: op.op_id, entityId: draft.entityId, savedAt: op.savedAt, receiptCode: receipt };
    } catch (error) {
      throw asSaveError(error);
    }
  }

  private async operation<T extends OpType>(draft: Draft<T>, { user, authority }: MetaValues['session']): Promise<NewOp> {
    const at = new Date(this.parts.now());
    const payload = JSON.stringify(draft.payload);
    return {
      op_id: newId(),
      type: draft.type,
      entity_id: draft.entityId,
      base_rev: draft.baseRev ?? null,
      after: draft.after ?? null,
      schema: SCHEMA,
      payload,
      payload_sha256: await sha256Text(payload),
      device_time: at.toISOString(),
      tz_offset_min: 0 - at.getTimezoneOffset(),
      clock_offset_ms: (await this.parts.db.meta('clockOffsetMs')) ?? null,
      userId: user.id,
      authorityId: authority.id,
      savedAt: at.toISOString(),
      state: 'queued',
      rev: null,
      problem: null,
      verdict: null,
      receivedAt: null,
      ackedAt: null,
      attempts: 0,
      nextAt: 0,
      leaseUntil: 0,
    };
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
