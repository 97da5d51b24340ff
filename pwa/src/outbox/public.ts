import { batch, computed, signal, type ReadonlySignal } from '@preact/signals-core';

import { newId } from '../shared/ids';
import { receiptCode } from '../shared/receipt';
import { sha256Text } from '../shared/sha256';
import { Client } from '../wire/client';
import { PublicApi, type PublicReport } from '../wire/public-api';
import type { Id } from '../wire/types';
import { Db } from './db';
import { DraftStore } from './drafts';
import { buildItems } from './items';
import { type Locks, liveLocks } from './live-locks';
import { Pace } from './pace';
import { DRAFT_ID, PUBLIC_NAME } from './public-names';
import { freeChecked } from './public-room';
import { PublicRows, RESIDENT } from './public-rows';
import { PublicSender } from './public-sender';
import { saveWithRoom } from './room';
import { UNSENT, afterwards, manifest } from './saving';
import type { OpRow, PhotoRow } from './schema';
import { type Outcome, asAsked, isAside } from './drain';
import { mayChange } from './still';
import { type Clock, OutboxStore } from './store';
import type { NewOp } from './strict';
import type { Drafts, NewPhoto, OutboxItem, Reach, Saved, StoredPhoto, Triggers } from './types';
import { asSaveError } from './words';

const SCHEMA = 1;
const RESIDENTS = { userId: RESIDENT, photosHeld: false };

export type PublicInput = Omit<PublicReport, 'photos'>;

export interface PublicItem extends OutboxItem {
  opId: Id;
  /** The page to follow it by, once the council has it. */
  statusUrl: string | null;
  /** The stable code of the council's refusal. */
  problemCode: string | null;
  /** What the form held when it was saved, to mend it by. */
  form: unknown;
}

export interface PublicOutboxDeps extends Clock {
  fetch: typeof fetch;
  locks: Locks | undefined;
  channel: { postMessage(message: 'outbox'): void; onmessage: ((event: MessageEvent) => unknown) | null };
  db: Db;
}

/** The outbox of somebody without an account. */
export interface PublicOutbox {
  /** Newest first. */
  items: ReadonlySignal<PublicItem[]>;
  waiting: ReadonlySignal<number>;
  reach: ReadonlySignal<Reach>;
  /** Why the council takes nothing from here just now, in plain words; null when it does. */
  notice: ReadonlySignal<string | null>;
  drafts: Drafts;
  /** Resolves when the stored state has been read; rejects where the browser stores nothing. */
  ready: Promise<void>;
  start(triggers?: Triggers): () => void;
  /** Resolves only after a strict commit that was read back and compared; rejects with `SaveError` otherwise. */
  save(input: PublicInput, photos: NewPhoto[], form: unknown): Promise<Saved>;
  sendNow(): Promise<void>;
  photo(photoId: Id): Promise<StoredPhoto | null>;
  /** Takes a report off this phone for good. */
  forget(opId: Id): Promise<void>;
}

function browserDeps(): PublicOutboxDeps {
  return {
    now: Date.now,
    random: Math.random,
    fetch: (input, init) => fetch(input, init),
    locks: liveLocks(`${PUBLIC_NAME}-sender`),
    channel: new BroadcastChannel(PUBLIC_NAME),
    db: new Db(PUBLIC_NAME),
  };
}

/** The residents' outbox of this browser. */
export function createPublicOutbox(deps: PublicOutboxDeps = browserDeps()): PublicOutbox {
  const core = new PublicCore(deps);
  return {
    items: core.items,
    waiting: computed(() => core.items.value.filter(({ waiting }) => waiting).length),
    reach: core.reach,
    notice: core.notice,
    drafts: core.drafts,
    ready: core.load(),
    start: (triggers = {}) => core.pace.start(triggers),
    save: (input, photos, form) => core.save(input, photos, form),
    sendNow: () => core.sendNow(),
    photo: (photoId) => core.store.photo(photoId),
    forget: (opId) => core.forget(opId),
  };
}

class PublicCore {
  readonly store: OutboxStore;
  readonly drafts: DraftStore;
  readonly pace: Pace;
  readonly reach = signal<Reach>('unknown');
  readonly notice = signal<string | null>(null);
  readonly items;

  private readonly ops = signal<OpRow[]>([]);
  private readonly photos = signal<PhotoRow[]>([]);
  private readonly rows: PublicRows;
  private readonly sender: PublicSender;
  private readonly deps: PublicOutboxDeps;

  constructor(deps: PublicOutboxDeps) {
    const { db, locks, now, random } = deps;
    const client = new Client(deps);
    this.deps = deps;
    this.store = new OutboxStore(db, deps);
    this.drafts = new DraftStore(db);
    this.rows = new PublicRows(db, deps);
    const { store, rows } = this;
    const changed = (): Promise<void> => this.changed();
    this.sender = new PublicSender({ store, rows, api: new PublicApi(client), client, locks, now, random, changed });
    this.items = computed(() => publicItems(this.ops.value, this.photos.value, now()));
    const unfinished = (): boolean => mayChange(this.ops.peek(), this.photos.peek(), RESIDENTS);
    this.pace = new Pace({ random, drain: () => this.drain(), unfinished });
    deps.channel.onmessage = () => void this.load();
  }

  async load(): Promise<void> {
    const [ops, photos] = await Promise.all([this.store.ops(), this.store.photos()]);
    batch(() => {
      this.ops.value = ops;
      this.photos.value = photos;
    });
  }

  async save(input: PublicInput, photos: NewPhoto[], form: unknown): Promise<Saved> {
    try {
      const op = await this.operation({ ...input, photos: manifest(photos) }, form);
      await saveWithRoom(() => this.store.save(op, photos), () => freeChecked(this.deps.db));
      await afterwards(() => this.drafts.remove(DRAFT_ID), () => this.rows.dropReplaced(), () => this.changed());
      this.pace.nudge();
      return { opId: op.op_id, entityId: input.id, savedAt: op.savedAt, receiptCode: receiptCode(input.id) };
    } catch (error) {
      throw asSaveError(error);
    }
  }

  async sendNow(): Promise<void> {
    await this.store.forgetWaits(RESIDENT);
    await this.pace.tap();
  }

  async forget(opId: Id): Promise<void> {
    await this.rows.forget(opId);
    await this.changed();
  }

  private async operation(report: PublicReport, form: unknown): Promise<NewOp> {
    const at = new Date(this.deps.now());
    const payload = JSON.stringify(report);
    return {
      op_id: newId(),
      type: 'report.create',
      entity_id: report.id,
      base_rev: null,
      after: null,
      schema: SCHEMA,
      payload,
      payload_sha256: await sha256Text(payload),
      device_time: at.toISOString(),
      tz_offset_min: 0 - at.getTimezoneOffset(),
      clock_offset_ms: null,
      userId: RESIDENT,
      authorityId: report.authority,
      savedAt: at.toISOString(),
      ...UNSENT,
      form,
    };
  }

  private async drain(): Promise<Outcome> {
    try {
      const outcome = await asAsked(this.deps, () => this.sender.drain());
      if (!isAside(outcome)) this.reach.value = outcome.kind === 'no_network' ? 'no_network' : 'reached';
      this.notice.value = 'message' in outcome ? outcome.message : null;
      return outcome;
    } catch {
      // Storage failed under the drain. What was saved is still there; the next round opens it again.
      return { kind: 'no_network' };
    }
  }

  private async changed(): Promise<void> {
    await this.load();
    this.deps.channel.postMessage('outbox');
  }
}

function publicItems(ops: OpRow[], photos: PhotoRow[], now: number): PublicItem[] {
  const newest = new Map([...ops].sort((a, b) => a.seq - b.seq).map((op) => [op.entity_id, op]));
  return buildItems([...newest.values()], photos, { ...RESIDENTS, paused: false, now }).flatMap((item) => {
    const op = newest.get(item.id);
    if (op === undefined) return [];
    const { op_id: opId, granted, problem, form } = op;
    return [{ ...item, opId, needsPlace: false, note: noteOf(item, op), statusUrl: granted?.statusUrl ?? null, problemCode: problem?.code ?? null, form }];
  });
}

/** A resident may say in words alone where it is: "Pick the place" is said to crews only. */
function noteOf(item: OutboxItem, { problem }: OpRow): string | null {
  if (item.state === 'needs_you' && problem !== null) return problem.detail ?? problem.title;
  return item.needsPlace && item.note === 'Pick the place' ? null : item.note;
}
