import type { DBSchema } from 'idb';

import type {
  Authority,
  CaseRow,
  ChangeType,
  HotspotRow,
  Id,
  JobRow,
  PlacesMap,
  Problem,
  Reference,
  ReportRow,
  Timestamp,
  User,
  WireOp,
} from '../wire/types';

/**
 * Sent later | the council answered that it has it | the server cannot take it as it is: kept, shown, never dropped |
 * a person mended it, and a newer operation says it in its place.
 */
export type OpState = 'queued' | 'received' | 'needs_you' | 'superseded';

/** What sending adds to anything that waits. Milliseconds of the phone's clock. */
export interface Waiting {
  attempts: number;
  nextAt: number;
  leaseUntil: number;
}

export interface OpRow extends WireOp, Waiting {
  /** Only this person's session sends it. */
  userId: Id;
  authorityId: Id;
  savedAt: Timestamp;
  state: OpState;
  rev: number | null;
  problem: Problem | null;
  /** A verdict worth telling: a conflict kept for an officer, a parent that is not there yet. */
  verdict: string | null;
  receivedAt: Timestamp | null;
  /** The receipt came back in a pull after the push. */
  ackedAt: Timestamp | null;
  /** The operation that says the mended thing. */
  supersededBy: Id | null;
  /** When its raw text was handed to an officer, because the server could not take it as it is. */
  deadLetteredAt: Timestamp | null;
  /** When a person last kept a file with it, as it still is, and all its photos. */
  exportedAt: Timestamp | null;
  /** Only of jobs' results: the draft it was put together in. */
  draft?: Id;
  /** Only of residents' reports: what the public's door gave for it, and what the form held, to mend it by. */
  granted?: { statusUrl: string; uploadToken: string };
  /** When its page last said that the council has it: milliseconds of the phone's clock. */
  askedAt?: number;
  form?: unknown;
}

/** `left_out`: it cannot be sent, and the person said to go on without it. */
export type PhotoState = 'waiting' | 'uploaded' | 'needs_you' | 'left_out';

export interface PhotoRow extends Waiting {
  id: Id;
  opId: Id;
  userId: Id;
  sha256: string;
  bytes: number;
  mime: string;
  state: PhotoState;
  /** Bytes the server is known to have. */
  sent: number;
  problem: string | null;
  /** The server compared the whole file with its hash, and said so in a pull. */
  verifiedAt: Timestamp | null;
  purgedAt: Timestamp | null;
  deadLetteredAt: Timestamp | null;
}

/** ArrayBuffer and never Blob: some Safari versions lose or garble Blobs in IndexedDB. */
export interface BytesRow {
  id: Id;
  bytes: ArrayBuffer;
}

export interface DraftStoreRow {
  id: Id;
  /** Whose draft it is; null when it was begun before anybody was known here. */
  userId: Id | null;
  updatedAt: Timestamp;
  fields: unknown;
  job?: Id;
}

export interface DraftPhotoRow {
  id: Id;
  draftId: Id;
  bytes: ArrayBuffer;
  sha256: string;
  mime: string;
  takenAt: Timestamp | null;
}

export interface CopyRow<T> {
  id: Id;
  rev: number;
  row: T;
}

/** A person who has used this phone: so that what waits for them can be called theirs by name. */
export interface PersonRow {
  id: Id;
  name: string;
}

/** What the last reconciliation with the council found. Counts of things, not of rows. */
/** One person in one authority. */
export interface Owner {
  userId: Id;
  authorityId: Id;
}

/** The last comparison, and whose things it was about. */
export interface Reconciled extends Owner {
  at: Timestamp;
  /** Operations and photos asked about. */
  asked: number;
  /** Those the council did not have any more, which are on their way again. */
  again: number;
  /** Photos that neither the council nor this phone has. */
  lost: number;
}

export interface MetaValues {
  device: { id: Id; label: string };
  session: {
    user: User;
    authority: Authority;
    paused: boolean;
    /** When the council last confirmed this person here: milliseconds of the phone's clock. */
    seenAt: number;
    /** What the council said when it switched this phone off. */
    revoked: string | null;
  };
  /** Valid only for this person in this authority. */
  cursor: Owner & { cursor: string; asOf: Timestamp };
  /** The last sequence number given out on this phone. */
  seq: number;
  /** Server clock minus phone clock, milliseconds. */
  clockOffsetMs: number;
  /** The council, in these words, asked not to be called until then: milliseconds of the phone's clock. */
  asked: { until: number; message: string };
  /** Absent: due. */
  reconciled: Reconciled;
  /** Photos go by Wi-Fi only; text never waits. */
  photosWait: boolean;
  reference: { body: Reference };
  map: { body: PlacesMap; etag: string | null; authorityId: Id };
}

export type MetaKey = keyof MetaValues;

export interface OutboxSchema extends DBSchema {
  meta: { key: MetaKey; value: MetaValues[MetaKey] };
  people: { key: Id; value: PersonRow };
  ops: { key: Id; value: OpRow; indexes: { entity: Id } };
  photos: { key: Id; value: PhotoRow };
  photo_bytes: { key: Id; value: BytesRow };
  drafts: { key: Id; value: DraftStoreRow };
  draft_photos: { key: Id; value: DraftPhotoRow; indexes: { draft: Id } };
  report: { key: Id; value: CopyRow<ReportRow> };
  case: { key: Id; value: CopyRow<CaseRow> };
  job: { key: Id; value: CopyRow<JobRow> };
  hotspot: { key: Id; value: CopyRow<HotspotRow> };
}

/** The stores that hold the council's rows: a reset empties these and nothing else. */
export const COPY_STORES = ['report', 'case', 'job', 'hotspot'] as const satisfies readonly ChangeType[];
