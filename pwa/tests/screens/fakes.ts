/** An app whose outbox and capture are signals a test turns by hand; what the screens call is written down. */
import { computed, signal } from '@preact/signals';
import { vi } from 'vitest';
import { openResult } from '../../src/capture/job-result';
import type { Capture, DraftFields, JobAbout, PhotoView, PositionReading, ReportDraft } from '../../src/capture/types';
import type { CaseView, Exported, JobView, OtherPerson, Outbox, OutboxItem, SessionState, WithId } from '../../src/outbox/types';
import type { HotspotRow, Id, PlacesMap, Position, Reference, ReportKind, ReportRow } from '../../src/wire/types';
import { makeApp, type App } from '../../src/screens/app';

export const NOW = new Date('2026-11-20T07:15:00Z');
export const HERE: Position = {
  lat: 52.5755,
  lon: -1.5445,
  accuracy_m: 8,
  source: 'gps',
  fixed_at: '2026-11-20T07:14:56Z',
};

export const reference: Reference = {
  version: '1',
  source: 'a test',
  categories: [
    { code: 'fly_tip', name: 'Fly-tip', kind: 'fly_tip' },
    { code: 'graffiti', name: 'Graffiti or fly-posting', kind: 'incident' },
    { code: 'other', name: 'Something else', kind: 'incident' },
  ],
  waste: ['animal_carcass', 'green', 'white_goods', 'tyres', 'asbestos', 'constr_demol_excav', 'black_bags_household', 'clinical']
    .map((code) => ({ code, name: code })),
  sizes: ['single_black_bag', 'single_item', 'car_boot_or_less'].map((code) => ({ code, name: code })),
  land: [{ code: 'highway', name: 'Highway' }],
  hazards: [
    { code: 'asbestos', name: 'Asbestos', severity: 5 },
    { code: 'sharps', name: 'Needles, sharps or clinical waste', severity: 4 },
  ],
};

export function aCase(over: Partial<CaseView> = {}): CaseView {
  return {
    id: 'c1',
    reference: 'NW-26-00123',
    kind: 'fly_tip',
    category: 'fly_tip',
    state: 'new',
    label: 'Oldbury Road, Hartshill',
    lat: 52.57552,
    lon: -1.5445,
    opened_at: '2026-11-19T08:00:00Z',
    thumb_photo_id: null,
    hazards: [],
    notes: [],
    reports: [],
    ...over,
  };
}

export function aJob(over: Partial<JobView> = {}): JobView {
  return {
    id: 'j1',
    case_id: 'c1',
    case_reference: 'NW-26-00123',
    kind: 'clear',
    state: 'open',
    label: 'Folly Lane, Baxterley',
    lat: 52.576,
    lon: -1.55,
    text: 'By the gate',
    due_at: null,
    hazards: [],
    thumb_photo_id: null,
    given_at: '2026-11-19T08:00:00Z',
    mine: null,
    notes: [],
    ...over,
  };
}

export function anItem(over: Partial<OutboxItem> = {}): OutboxItem {
  return {
    id: 'r1',
    entityId: 'r1',
    type: 'report.create',
    state: 'saved',
    words: 'Saved on this phone',
    note: null,
    savedAt: '2026-11-20T06:42:00Z',
    receiptCode: '1EFKR-MKX3S',
    report: null,
    jobResult: null,
    text: null,
    photoList: [],
    photos: { expected: 0, uploaded: 0, verified: 0, bytes: 0, bytesSent: 0 },
    needsPlace: false,
    waiting: true,
    refused: null,
    ...over,
  };
}

export function fakeDraft(kind: ReportKind, category: string | null, gps = signal<Position | null>(HERE)) {
  const fields = signal<DraftFields>({
    kind,
    category: category ?? '',
    seen_at: NOW.toISOString(),
    description: '',
    waste: [],
    size: null,
    land: null,
    hazards: [],
    witnessed: false,
    joins: null,
  });
  const photos = signal<PhotoView[]>([]);
  const chosenPlace = signal<Position | null>(null);
  const position = computed(() => chosenPlace.value ?? gps.value);
  const draft = {
    id: 'r9',
    receiptCode: '7K3MQ-2PXD9',
    fields,
    photos,
    chosenPlace,
    position,
    positionWords: computed(() => (chosenPlace.value === null ? 'GPS, 8 m' : 'Pin you placed')),
    wantsPin: computed(() => position.value === null),
    blocked: computed(() => (fields.value.category === '' ? 'Say what it is first' : null)),
    set: vi.fn((patch: Partial<DraftFields>) => {
      fields.value = { ...fields.value, ...patch };
    }),
    toggle: vi.fn(),
    placePin: vi.fn((lat: number, lon: number) => {
      chosenPlace.value = { lat, lon, accuracy_m: null, source: 'pin', fixed_at: NOW.toISOString() };
    }),
    typePlace: vi.fn((text: string) =>
      Promise.resolve(
        text === 'SP 30965 97615'
          ? ({ ok: true, position: HERE, gridReference: text } as const)
          : ({ ok: false, message: 'Write two letters and four to ten figures, such as SP 30965 97615.' } as const),
      ),
    ),
    clearPlace: vi.fn(),
    keep: vi.fn(() => Promise.resolve()),
    addPhotos: vi.fn((files: Iterable<File>) => {
      const added = [...files].map((file, index) => ({
        id: `p${photos.value.length + index}`,
        size: file.size,
        mime: file.type,
        thumbUrl: null,
      }));
      photos.value = [...photos.value, ...added];
      return Promise.resolve<string[]>([]);
    }),
    removePhoto: vi.fn(),
    save: vi.fn(() =>
      Promise.resolve({
        opId: 'o9',
        entityId: 'r9',
        receiptCode: '7K3MQ-2PXD9',
        savedAt: NOW.toISOString(),
      }),
    ),
    discard: vi.fn(() => Promise.resolve()),
  };
  return draft satisfies ReportDraft;
}

export type FakeDraft = ReturnType<typeof fakeDraft>;

const noFix: PositionReading = { state: 'waiting', position: null, ageS: null, words: 'Looking for GPS', wantsPin: false };

const signedIn: SessionState = {
  status: 'signed_in',
  user: { id: 'u1', name: 'Sam Crew', email: 'crew@demo.example', role: 'crew' },
  authority: { id: 'a1', slug: 'demo', name: 'Demo Borough', demo: true, bounds: [-1.8, 52.4, -1.4, 52.7] },
  graceEndsAt: '2026-12-04T07:00:00Z',
};

export const anExport = (): Exported => ({ file: new Blob(['zip']), name: 'tipwatch-unsent.zip', items: 2, ops: [], photos: [] });

function fakeOutbox() {
  const items = signal<OutboxItem[]>([]);
  const saved = { opId: 'o1', entityId: 'j1', savedAt: NOW.toISOString(), receiptCode: null };
  return {
    items,
    waiting: computed(() => items.value.filter((item) => item.waiting).length),
    session: signal<SessionState>(signedIn),
    busy: signal(false),
    reach: signal<'unknown' | 'reached' | 'no_network'>('reached'),
    notice: signal<string | null>(null),
    others: signal<OtherPerson[]>([]),
    photosWait: signal(false),
    photosHeld: signal(false),
    updateNeeded: signal(false),
    data: {
      cases: signal<CaseView[]>([]),
      jobs: signal<JobView[]>([]),
      hotspots: signal<WithId<HotspotRow>[]>([]),
      myReports: signal<WithId<ReportRow>[]>([]),
      reference: signal<Reference | null>(reference),
      map: signal<PlacesMap | null>(null),
      asOf: signal<string | null>('2026-11-20T06:00:00Z'),
    },
    drafts: { put: vi.fn(), get: vi.fn(), list: vi.fn(), results: vi.fn<Outbox['drafts']['results']>(() => Promise.resolve([])), remove: vi.fn() },
    ready: Promise.resolve(),
    start: vi.fn(() => () => undefined),
    signIn: vi.fn<Outbox['signIn']>(() => Promise.resolve({ ok: true })),
    enrol: vi.fn<Outbox['enrol']>(() => Promise.resolve({ ok: true })),
    signOut: vi.fn<Outbox['signOut']>(() => Promise.resolve({ ok: true })),
    saveReport: vi.fn(() => Promise.resolve(saved)),
    addToCase: vi.fn(() => Promise.resolve(saved)),
    locateReport: vi.fn<Outbox['locateReport']>(() => Promise.resolve(saved)),
    saveJobResult: vi.fn<Outbox['saveJobResult']>(() => Promise.resolve(saved)),
    saveNote: vi.fn<Outbox['saveNote']>(() => Promise.resolve(saved)),
    mend: vi.fn<Outbox['mend']>(() => Promise.resolve(saved)),
    leaveOut: vi.fn<Outbox['leaveOut']>(() => Promise.resolve(saved)),
    checkWithCouncil: vi.fn<Outbox['checkWithCouncil']>(() => Promise.resolve({ ok: true, asked: 1, again: 0, lost: 0 })),
    setPhotosWait: vi.fn<Outbox['setPhotosWait']>(() => Promise.resolve()),
    sendPhotosNow: vi.fn(() => Promise.resolve()),
    exportUnsent: vi.fn<Outbox['exportUnsent']>(() => Promise.resolve(anExport())),
    markExported: vi.fn<Outbox['markExported']>(() => Promise.resolve()),
    freeChecked: vi.fn(() => Promise.resolve()),
    sendNow: vi.fn(() => Promise.resolve()),
    sendWhile: vi.fn(() => Promise.resolve(false)),
    photo: vi.fn(() => Promise.resolve(null)),
  } satisfies Outbox;
}

export function fakeApp() {
  const outbox = fakeOutbox();
  const reading = signal<PositionReading>(noFix);
  const gps = signal<Position | null>(HERE);
  const drafts: FakeDraft[] = [];
  const storage = {
    drafts: outbox.drafts,
    now: () => NOW.getTime(),
    thumbnail: () => Promise.resolve(null),
    hasRoom: () => Promise.resolve(true),
    saved: vi.fn(),
  };
  const capture = {
    position: { reading, start: vi.fn(), stop: vi.fn() },
    storage: signal({ nearlyFull: false, freeBytes: null, words: null }),
    lastChoices: signal({ waste: [] as string[], sizes: [], land: [] }),
    begin: vi.fn((kind: ReportKind, category: string | null) => {
      const draft = fakeDraft(kind, category, gps);
      drafts.push(draft);
      return draft;
    }),
    mend: vi.fn<Capture['mend']>(() => Promise.resolve(fakeDraft('fly_tip', 'fly_tip', gps))),
    resume: vi.fn((): Promise<ReportDraft | null> => Promise.resolve(null)),
    result: vi.fn((job: Id, about: JobAbout | null) => openResult(job, about, outbox, storage)),
    thumbnail: vi.fn(() => Promise.resolve(null)),
  };
  const updates = { ready: signal(false), apply: vi.fn() };
  const take = vi.fn<App['take']>();
  const app = makeApp({ outbox, capture, updates, sendsClosed: true, version: 'test', now: signal(NOW), take });
  return { app, outbox, capture, updates, take, drafts, gps, reading };
}
