import type { ReadonlySignal } from '@preact/signals-core';

import type {
  Authority,
  CaseRow,
  HotspotRow,
  Id,
  JobOutcome,
  JobRow,
  OpType,
  PlacesMap,
  Position,
  Reference,
  ReportCreate,
  ReportRow,
  Timestamp,
  User,
  WireOp,
} from '../wire/types';

// ---- what waits on this phone ------------------------------------------------------------------------------------

/** Each state is tied to a fact; `WORDS` in `words.ts` has what the crew reads for it. */
export type ItemState =
  | 'saved' // committed to storage, read back, same sizes and hashes
  | 'sending' // on the wire right now
  | 'received' // the council's server answered that it has applied it
  | 'photos' // received, and n of m photos were checked against their hashes
  | 'safe' // the receipt came back in a later pull: the phone's copy may go
  | 'needs_you' // the server cannot take it as it is; kept here
  | 'paused'; // kept here until somebody signs in again

/** One thing the crew saved: a report with what was added to it, or one job result, or one note. */
export interface OutboxItem {
  /** The report's id, or the id of the single operation. */
  id: Id;
  entityId: Id;
  type: OpType;
  state: ItemState;
  /** Exactly the words of the state, with photo counts filled in: "Photos 1 of 2 checked". */
  words: string;
  /** A plain sentence about what happened or what to do, when there is one. */
  note: string | null;
  savedAt: Timestamp;
  /** Only for reports. */
  receiptCode: string | null;
  /** What was saved, as it was saved (for a report: with the latest position). */
  report: ReportCreate | null;
  jobResult: JobOutcome | null;
  text: string | null;
  photoList: PhotoProgress[];
  photos: { expected: number; uploaded: number; verified: number; bytes: number; bytesSent: number };
  /** A report saved without a position: ask for a pin, then call `locateReport`. */
  needsPlace: boolean;
  /** Still has something to hand over; it counts in `waiting`. */
  waiting: boolean;
  /** What the council could not take, and why; null when it takes everything. */
  refused: Refusal | null;
}

export interface PhotoProgress {
  id: Id;
  state: 'waiting' | 'sending' | 'uploaded' | 'checked' | 'needs_you' | 'left_out';
  bytes: number;
  /** Bytes the council is known to have. */
  sent: number;
  /** Why it does not get on, in plain words. */
  problem: string | null;
}

export interface Refusal {
  opId: Id;
  type: OpType;
  title: string;
  detail: string | null;
  /** The members of what was said that are wrong, each with the council's own words. */
  errors: Record<string, string[]>;
  /** The words and the photos that were sent with it. */
  text: string;
  photoIds: Id[];
}

/** Somebody else who has used this phone and still has something on it. */
export interface OtherPerson {
  id: Id;
  /** Null when nobody kept the name. */
  name: string | null;
  waiting: number;
}

// ---- who is here -------------------------------------------------------------------------------------------------

export type SessionState =
  | { status: 'loading' }
  | { status: 'signed_out' }
  /**
   * `paused`: the server no longer knows the session; nothing is sent until `signIn`. `revoked`: the council has
   * switched this phone off, and `notice` says so. In both, reading and saving go on until `graceEndsAt`, 14 days after
   * the council last knew this person here; what is saved stays in any case.
   */
  | { status: 'signed_in' | 'paused' | 'revoked'; user: User; authority: Authority; graceEndsAt: Timestamp };

export type SignInResult = { ok: true } | { ok: false; reason: 'no_network' | 'refused'; message: string };

export type SignOutResult =
  | { ok: true }
  | { ok: false; reason: 'waiting' | 'no_network'; waiting: number; message: string };

export type CheckResult =
  /** `again`: things the council did not have any more, on their way once more. `lost`: photos nobody has. */
  | { ok: true; asked: number; again: number; lost: number }
  | { ok: false; message: string };

/** The link photos would go by; `unknown` where the phone does not tell. */
export type Link = 'wifi' | 'mobile' | 'unknown';

/** What the last attempt to reach the council found out. */
export type Reach = 'unknown' | 'reached' | 'no_network';

// ---- saving ------------------------------------------------------------------------------------------------------

/** Picked bytes, unchanged, with what was measured from them. */
export interface NewPhoto {
  id: Id;
  bytes: ArrayBuffer;
  sha256: string;
  mime: string;
  takenAt: Timestamp | null;
}

/** What a report says, apart from its photos. The id is made when the draft begins, so its receipt code is known at once. */
export type ReportInput = Omit<ReportCreate, 'photos' | 'extra'>;

export interface Saved {
  opId: Id;
  entityId: Id;
  savedAt: Timestamp;
  /** Only for reports. */
  receiptCode: string | null;
}

export interface JobResultInput {
  result: JobOutcome;
  reason?: string;
  position?: Position;
  photos?: NewPhoto[];
  /** The draft it was put together in: no draft any more once this is saved. */
  draft?: Id;
}

/** A refused job result, note or addition, said anew. */
export interface MendInput {
  text: string;
  /** Those of its photos that go again. */
  photoIds: Id[];
}

export type NoteTarget = { job: Id } | { case: Id };

/** A report not yet saved. `fields` is the capture form's own business; it is never sent. */
export interface DraftRow {
  id: Id;
  updatedAt: Timestamp;
  fields: unknown;
  /** The job whose result this is; without it, it is a report. */
  job?: Id;
}

export interface StoredPhoto {
  bytes: ArrayBuffer;
  mime: string;
}

/** Where the forms keep what is being put together: reports, and results of jobs. A saved report's draft goes with saving it. */
export interface Drafts {
  put(row: DraftRow, photos: NewPhoto[]): Promise<void>;
  get(id: Id): Promise<{ row: DraftRow; photos: NewPhoto[] } | null>;
  list(): Promise<DraftRow[]>;
  results(): Promise<DraftRow[]>;
  remove(id: Id): Promise<void>;
}

// ---- what came down from the council -------------------------------------------------------------------------------

export type WithId<T> = T & { id: Id };

/** Something this phone has done to a row that the council's copy of it does not show yet. */
export interface Mine {
  itemId: Id;
  savedAt: Timestamp;
  state: ItemState;
  words: string;
}

/** A job as the crew sees it: the council's row with what this phone has done to it drawn over. */
export type JobView = WithId<JobRow> & {
  mine: (Mine & { result: JobOutcome }) | null;
  notes: (Mine & { text: string })[];
};

/** An open case, with the notes written and the reports added on this phone drawn over it. */
export type CaseView = WithId<CaseRow> & {
  notes: (Mine & { text: string })[];
  reports: Mine[];
};

export interface CouncilData {
  cases: ReadonlySignal<CaseView[]>;
  jobs: ReadonlySignal<JobView[]>;
  /** By rank. */
  hotspots: ReadonlySignal<WithId<HotspotRow>[]>;
  myReports: ReadonlySignal<WithId<ReportRow>[]>;
  /** null until the lists have come down once; a report saves without them. */
  reference: ReadonlySignal<Reference | null>;
  map: ReadonlySignal<PlacesMap | null>;
  /** When the read copy was last brought up to date; null before the first time. */
  asOf: ReadonlySignal<Timestamp | null>;
}

// ---- the whole ---------------------------------------------------------------------------------------------------

/** Where "the phone may have signal" comes from. Window, document and service worker fit as they are. */
export interface Triggers {
  window?: EventTarget;
  document?: EventTarget & { readonly visibilityState: string };
  serviceWorker?: EventTarget;
  /** The phone's word on its link, where it gives any. */
  connection?: EventTarget;
}

/** Everything of this person that is not safe yet, as one file. */
export interface Exported {
  file: Blob;
  name: string;
  items: number;
  /** What went into it, and of whose photos the bytes. */
  ops: WireOp[];
  photos: Id[];
}

export interface Outbox {
  /** Newest first; only those of the person signed in. */
  items: ReadonlySignal<OutboxItem[]>;
  /** How many items still have something to hand over. */
  waiting: ReadonlySignal<number>;
  session: ReadonlySignal<SessionState>;
  /** True while this tab is sending or fetching. */
  busy: ReadonlySignal<boolean>;
  reach: ReadonlySignal<Reach>;
  /** Why the council will not take anything from this phone at all, in plain words; null when it does. */
  notice: ReadonlySignal<string | null>;
  /** Others with something on this phone; it goes when they sign in here again. */
  others: ReadonlySignal<OtherPerson[]>;
  /** Whether photos are to wait for Wi-Fi, and whether any is held back for that now. */
  photosWait: ReadonlySignal<boolean>;
  photosHeld: ReadonlySignal<boolean>;
  /** The council's lists have outgrown this app: it still sends, but may not read everything. */
  updateNeeded: ReadonlySignal<boolean>;
  data: CouncilData;
  drafts: Drafts;
  /** Resolves when the stored state has been read and the signals above are true. */
  ready: Promise<void>;

  /** Begins sending on open, online, visible, timer and worker message; the returned function stops it. */
  start(triggers?: Triggers): () => void;
  signIn(email: string, password: string): Promise<SignInResult>;
  /** The one-time code of the link the crew member was sent (`/crew#enrol=CODE`): enrols this phone and signs in. */
  enrol(code: string): Promise<SignInResult>;
  /** Refused while items wait, unless all of them went into a file that was kept, and have not changed since. They stay in any case. */
  signOut(): Promise<SignOutResult>;

  /** Each resolves only after a strict commit that was read back and compared; rejects with `SaveError` otherwise. */
  saveReport(input: ReportInput, photos: NewPhoto[], replaces?: Id | null): Promise<Saved>;
  /** "It's this one": the same report, joined to an open case. */
  addToCase(caseId: Id, input: ReportInput, photos: NewPhoto[]): Promise<Saved>;
  locateReport(reportId: Id, position: Position): Promise<Saved>;
  saveJobResult(jobId: Id, input: JobResultInput): Promise<Saved>;
  saveNote(target: NoteTarget, text: string): Promise<Saved>;

  /** Says a refused thing anew, as a new operation that stands in its place. Reports go through `saveReport`. */
  mend(opId: Id, input: MendInput): Promise<Saved>;
  /** Goes on without a photo that cannot be sent; the council is told. */
  leaveOut(photoId: Id): Promise<Saved>;

  /** Asks the council which things of the last 30 days it has, and sends again what it lost. */
  checkWithCouncil(): Promise<CheckResult>;
  setPhotosWait(wait: boolean): Promise<void>;
  /** Photos that wait for Wi-Fi go now, whatever the link. */
  sendPhotosNow(): Promise<void>;
  exportUnsent(): Promise<Exported>;
  /** A person kept that file: what is in it as it is now needs no other copy to sign out. */
  markExported(file: Exported): Promise<void>;
  /** Gives back the room of photos the council has checked. */
  freeChecked(): Promise<void>;

  /** Tap: forgets every backoff and sends what waits. */
  sendNow(): Promise<void>;
  /**
   * For the worker, when nobody taps and no page keeps the pace: goes on while there is more and it may begin, forgets no
   * wait, and answers whether anything is left that may go later by itself.
   */
  sendWhile(mayBegin: () => boolean): Promise<boolean>;
  /** The phone's own copy of a photo, or null when it has gone. */
  photo(photoId: Id): Promise<StoredPhoto | null>;
}
