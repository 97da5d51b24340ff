import { type ReadonlySignal, batch, computed, signal } from '@preact/signals-core';

import type { ChangeRows, ChangeType, Id, PlacesMap, Reference, ReportRow, Timestamp } from '../wire/types';
import type { ReadCopy } from './copy';
import type { Db } from './db';
import { drawCases, drawJobs } from './drawing';
import { buildItems } from './items';
import type { CopyRow, MetaValues, OpRow, PersonRow, PhotoRow } from './schema';
import type { mayGo } from './still';
import type { OutboxStore } from './store';
import type { CouncilData, OtherPerson, OutboxItem, Reach, SessionState, WithId } from './types';

const GRACE_MS = 14 * 86_400_000;
const OLDER_PAGE = 'Another page of Tipwatch is open on this phone and holds it up. Close the others, then open this one again.';
const NEWER_VERSION = 'A newer Tipwatch is on this phone. Close this page and open it again. Nothing is lost.';

/** What the screens see: signals filled from storage, the only truth, so that any tab can be closed at any time. */
export class View {
  readonly session = signal<SessionState>({ status: 'loading' });
  readonly busy = signal(false);
  readonly reach = signal<Reach>('unknown');
  readonly updateNeeded = signal(false);
  readonly photosWait = signal(false);
  readonly photosHeld = signal(false);
  /** What the council said when it last wanted nothing from this phone, or what keeps storage shut. */
  readonly said = signal<string | null>(null);
  readonly notice: ReadonlySignal<string | null>;

  private readonly revoked = signal<string | null>(null);
  private readonly people = signal<PersonRow[]>([]);
  private readonly ops = signal<OpRow[]>([]);
  private readonly photos = signal<PhotoRow[]>([]);
  private readonly jobRows = signal<CopyRow<ChangeRows['job']>[]>([]);
  private readonly caseRows = signal<CopyRow<ChangeRows['case']>[]>([]);
  private readonly hotspots = signal<WithId<ChangeRows['hotspot']>[]>([]);
  private readonly myReports = signal<WithId<ReportRow>[]>([]);
  private readonly reference = signal<Reference | null>(null);
  private readonly map = signal<PlacesMap | null>(null);
  private mapTag: string | null = null;
  private readonly asOf = signal<Timestamp | null>(null);

  readonly items = computed(() => {
    const session = this.session.value;
    return 'user' in session ? this.itemsOf(session.user.id, session.status === 'paused') : [];
  });
  readonly others = computed((): OtherPerson[] => {
    const session = this.session.value;
    const here = 'user' in session ? session.user.id : null;
    const ids = [...new Set(this.ops.value.map(({ userId }) => userId))].filter((id) => id !== here);
    return ids
      .map((id) => ({
        id,
        name: this.people.value.find((person) => person.id === id)?.name ?? null,
        waiting: this.itemsOf(id, true).filter(({ waiting }) => waiting).length,
      }))
      .filter(({ waiting }) => waiting > 0);
  });
  readonly waiting = computed(() => this.items.value.filter(({ waiting }) => waiting).length);
  readonly data: CouncilData = {
    cases: computed(() => drawCases(this.caseRows.value, this.ops.value, this.items.value)),
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
    this.notice = computed(() => {
      const hindrance = db.hindrance.value;
      if (hindrance !== null) return hindrance === 'older_page' ? OLDER_PAGE : NEWER_VERSION;
      return this.revoked.value ?? this.said.value;
    });
  }

  /** Asks this of what the person here has; never so while they are signed out. */
  here(asks: typeof mayGo): boolean {
    const session = this.session.peek();
    if (session.status !== 'signed_in') return false;
    return asks(this.ops.peek(), this.photos.peek(), { userId: session.user.id, photosHeld: this.photosHeld.peek() });
  }

  /** Reads what waits, and who is here. Cheap: no photo bytes. */
  async loadOutbox(): Promise<void> {
    const [ops, photos, people, session, photosWait] = await Promise.all([
      this.store.ops(),
      this.store.photos(),
      this.db.run((db) => db.getAll('people')),
      this.db.meta('session'),
      this.db.meta('photosWait'),
    ]);
    batch(() => {
      this.ops.value = ops.sort((a, b) => a.seq - b.seq);
      this.photos.value = photos;
      this.people.value = people;
      this.session.value = sessionState(session);
      this.revoked.value = session?.revoked ?? null;
      this.photosWait.value = photosWait ?? false;
    });
  }

  /** Reads what came down, when it is not what is shown already. */
  async loadCopy(): Promise<void> {
    const [cases, jobs, hotspots, reports, cursor, reference] = await Promise.all([
      this.copy.rows('case'),
      this.copy.rows('job'),
      this.rows('hotspot'),
      this.rows('report'),
      this.db.meta('cursor'),
      this.db.meta('reference'),
    ]);
    batch(() => {
      this.caseRows.value = cases;
      this.jobRows.value = jobs;
      this.hotspots.value = hotspots.sort((a, b) => a.rank - b.rank || (a.position ?? 0) - (b.position ?? 0));
      this.myReports.value = reports;
      this.asOf.value = cursor?.asOf ?? null;
      this.reference.value = reference?.body ?? null;
    });
  }

  /** A map that is shown already stays the same object: drawn anew, it would jump back from where a person moved it. */
  async loadMap(): Promise<void> {
    const map = await this.db.meta('map');
    const tag = map?.etag ?? null;
    if (tag === null || tag !== this.mapTag) this.map.value = map?.body ?? null;
    this.mapTag = tag;
  }

  private itemsOf(userId: Id, paused: boolean): OutboxItem[] {
    const looker = { userId, paused, photosHeld: this.photosHeld.value, now: this.now() };
    return buildItems(this.ops.value, this.photos.value, looker);
  }

  private async rows<T extends ChangeType>(type: T): Promise<(ChangeRows[T] & { id: Id })[]> {
    return (await this.copy.rows(type)).map(({ id, row }) => ({ ...row, id }));
  }
}

function sessionState(session: MetaValues['session'] | undefined): SessionState {
  if (session === undefined) return { status: 'signed_out' };
  const { user, authority, paused, revoked, seenAt } = session;
  const status = revoked !== null ? 'revoked' : paused ? 'paused' : 'signed_in';
  return { status, user, authority, graceEndsAt: new Date(seenAt + GRACE_MS).toISOString() };
}
