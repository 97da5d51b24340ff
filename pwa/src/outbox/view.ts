import { batch, computed, signal } from '@preact/signals-core';

import type { ChangeRows, ChangeType, Id, PlacesMap, Reference, ReportRow, Timestamp } from '../wire/types';
import type { ReadCopy } from './copy';
import type { Db } from './db';
import { buildItems, drawJobs } from './items';
import type { CopyRow, MetaValues, OpRow, PhotoRow } from './schema';
import type { OutboxStore } from './store';
import type { CouncilData, Reach, SessionState, WithId } from './types';

/** What the screens see: signals filled from storage, the only truth, so that any tab can be closed at any time. */
export class View {
  readonly session = signal<SessionState>({ status: 'loading' });
  readonly busy = signal(false);
  readonly reach = signal<Reach>('unknown');
  readonly notice = signal<string | null>(null);

  private readonly ops = signal<OpRow[]>([]);
  private readonly photos = signal<PhotoRow[]>([]);
  private readonly jobRows = signal<CopyRow<ChangeRows['job']>[]>([]);
  private readonly cases = signal<WithId<ChangeRows['case']>[]>([]);
  private readonly hotspots = signal<WithId<ChangeRows['hotspot']>[]>([]);
  private readonly myReports = signal<WithId<ReportRow>[]>([]);
  private readonly reference = signal<Reference | null>(null);
  private readonly map = signal<PlacesMap | null>(null);
  private readonly asOf = signal<Timestamp | null>(null);

  readonly items = computed(() => {
    const session = this.session.value;
    if (!('user' in session)) return [];
    const paused = session.status === 'paused';
    return buildItems(this.ops.value, this.photos.value, { userId: session.user.id, paused, now: this.now() });
  });
  readonly waiting = computed(() => this.items.value.filter(({ waiting }) => waiting).length);
  readonly data: CouncilData = {
    cases: this.cases,
    jobs: computed(() => drawJobs(this.jobRows.value, this.ops.value, this.items.value)),
    hotspots: this.hotspots,
    myReports: this.myReports,
    reference: this.reference,
    map: this.map,
    asOf: this.asOf,
  };

  private readonly db: Db;
  private readonly store: OutboxStore;
  private readonly copy: ReadCopy;
  private readonly now: () => number;

  constructor(db: Db, store: OutboxStore, copy: ReadCopy, now: () => number) {
    this.db = db;
    this.store = store;
    this.copy = copy;
    this.now = now;
  }

  /** Whether any item of this person has not come to its end: sent, checked and confirmed. */
  unfinished(): boolean {
    return this.items.peek().some(({ state }) => state !== 'safe');
  }

  /** Reads what waits, and who is here. Cheap: no photo bytes. */
  async loadOutbox(): Promise<void> {
    const [ops, photos, session] = await Promise.all([this.store.ops(), this.store.photos(), this.db.meta('session')]);
    batch(() => {
      this.ops.value = ops.sort((a, b) => a.seq - b.seq);
      this.photos.value = photos;
      this.session.value = sessionState(session);
    });
  }

  /** Reads what came down, when it is not what is shown already. */
  async loadCopy(): Promise<void> {
    const [cases, jobs, hotspots, reports, cursor] = await Promise.all([
      this.rows('case'),
      this.copy.rows('job'),
      this.rows('hotspot'),
      this.rows('report'),
      this.db.meta('cursor'),
    ]);
    batch(() => {
      this.cases.value = cases;
      this.jobRows.value = jobs;
      this.hotspots.value = hotspots.sort((a, b) => a.rank - b.rank || (a.position ?? 0) - (b.position ?? 0));
      this.myReports.value = reports;
      this.asOf.value = cursor?.asOf ?? null;
    });
  }

  async loadLists(): Promise<void> {
    const [reference, map] = await Promise.all([this.db.meta('reference'), this.db.meta('map')]);
    batch(() => {
      this.reference.value = reference?.body ?? null;
      this.map.value = map?.body ?? null;
    });
  }

  private async rows<T extends ChangeType>(type: T): Promise<(ChangeRows[T] & { id: Id })[]> {
    return (await this.copy.rows(type)).map(({ id, row }) => ({ ...row, id }));
  }
}

function sessionState(session: MetaValues['session'] | undefined): SessionState {
  if (session === undefined) return { status: 'signed_out' };
  const { user, authority, paused } = session;
  return { status: paused ? 'paused' : 'signed_in', user, authority };
}
