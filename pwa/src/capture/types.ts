import type { ReadonlySignal } from '@preact/signals-core';

import type { Id, JobKind, JobOutcome, Position, ReportCreate, ReportKind, Timestamp } from '../wire/types';

// ---- position ----------------------------------------------------------------------------------------------------

export interface PositionReading {
  /** `waiting`: no fix yet; `fix`: `position` is usable; `denied`: the person or phone said no; `unavailable`: no GPS. */
  state: 'waiting' | 'fix' | 'denied' | 'unavailable';
  /** The best fix since the screen opened, none older than 60 s; never 0,0. */
  position: Position | null;
  /** Age of that fix in whole seconds. */
  ageS: number | null;
  /** "GPS, 8 m", "GPS is 120 m out: move the pin?", "Looking for GPS", … */
  words: string;
  /** True when the fix is more than 50 m out, or there is none to be had. */
  wantsPin: boolean;
}

export interface PositionWatcher {
  reading: ReadonlySignal<PositionReading>;
  start(): void;
  stop(): void;
}

/** The answer to a place somebody typed as a grid reference or "lat, lon". */
export type TypedPlace =
  | { ok: true; position: Position; gridReference: string }
  /** `words`: three words for a place, which only the person and its maker can read. */
  | { ok: false; message: string; words?: string };

// ---- photos ------------------------------------------------------------------------------------------------------

export interface PickedPhoto {
  id: Id;
  /** As the phone gave them, never re-encoded. */
  bytes: ArrayBuffer;
  sha256: string;
  mime: string;
  takenAt: Timestamp | null;
}

export interface PhotoView {
  id: Id;
  size: number;
  mime: string;
  /** Object URL of a small picture, or null when this phone cannot show the format (it is sent all the same). */
  thumbUrl: string | null;
}

// ---- draft -------------------------------------------------------------------------------------------------------

/** What the capture form holds; names as on the wire. */
export interface DraftFields {
  kind: ReportKind;
  category: string;
  seen_at: Timestamp;
  description: string;
  waste: string[];
  size: string | null;
  land: string | null;
  hazards: string[];
  witnessed: boolean;
  joins: Id | null;
  /** Words for the place, where some were typed. */
  where?: string;
}

export interface LastChoices {
  waste: string[];
  sizes: string[];
  land: string[];
}

/** What photos are taken into: a report, or the result of a job. */
export interface PhotoDraft {
  photos: ReadonlySignal<PhotoView[]>;
  /** Call before the camera opens: phones kill the page during capture. */
  keep(): Promise<void>;
  /** Takes what can be taken; answers one plain sentence for each file that could not. */
  addPhotos(files: Iterable<File>): Promise<string[]>;
  removePhoto(id: Id): void;
  /** Throws it away. */
  discard(): Promise<void>;
}

export interface ReportDraft extends PhotoDraft {
  /** Also the report's id, so the receipt code can be shown before anything is sent. */
  id: Id;
  receiptCode: string;
  fields: ReadonlySignal<DraftFields>;
  /** A pin or typed place, which wins over GPS; null while GPS decides. */
  chosenPlace: ReadonlySignal<Position | null>;
  /** What would be saved now: the chosen place, else the best fix, else null. */
  position: ReadonlySignal<Position | null>;
  /** What the position line says: "GPS, 8 m", "Pin you placed", "SP 309 976, typed", … */
  positionWords: ReadonlySignal<string>;
  wantsPin: ReadonlySignal<boolean>;
  /** The only thing that stops saving: no kind or category. null when it may be saved. */
  blocked: ReadonlySignal<string | null>;

  set(patch: Partial<DraftFields>): void;
  /** Adds or removes one code of a many-choice field. */
  toggle(field: 'waste' | 'hazards', code: string): void;
  placePin(lat: number, lon: number): void;
  /** Figures become the place; three words are kept with the report as they are. */
  typePlace(text: string): Promise<TypedPlace>;
  /** Back to GPS. */
  clearPlace(): void;
  /** "Saved on this phone", or a `SaveError` with plain words. The draft is gone afterwards. */
  save(): Promise<{ opId: Id; entityId: Id; receiptCode: string | null; savedAt: Timestamp }>;
}

/** What a form says of its job; kept with the draft, as the council may take the job off the phone meanwhile. */
export interface JobAbout {
  kind: JobKind;
  label: string | null;
}

export interface ResultFields {
  about: JobAbout;
  result: JobOutcome;
  /** Reasons chosen from the list. */
  reasons: string[];
  text: string;
}

export interface ResultDraft extends PhotoDraft {
  job: Id;
  fields: ReadonlySignal<ResultFields>;
  /** The reasons and the words, as one text. */
  why: ReadonlySignal<string>;
  /** Whether there is anything that would be lost with it. */
  touched: ReadonlySignal<boolean>;

  set(patch: Partial<ResultFields>): void;
  /** "Saved on this phone", or a `SaveError` with plain words. The draft is gone afterwards. */
  save(position: Position | null): Promise<unknown>;
}

export interface StorageState {
  /** Below 50 MB free: show `words`. Text always saves. */
  nearlyFull: boolean;
  freeBytes: number | null;
  /** "Phone nearly full" with what to do, or null. */
  words: string | null;
}

export interface RefusedReport {
  opId: Id;
  report: ReportCreate;
  /** The council will not have it under its own id: it gets another, and with it another receipt code. */
  needsNewId: boolean;
}

export interface Capture {
  position: PositionWatcher;
  storage: ReadonlySignal<StorageState>;
  lastChoices: ReadonlySignal<LastChoices>;
  /** A fresh report. */
  begin(kind: ReportKind, category: string | null): ReportDraft;
  /** A refused report in the form it was made in, as it was saved, to be mended and saved again. */
  mend(refused: RefusedReport): Promise<ReportDraft>;
  /** The draft left behind when the page was killed, if there is one. */
  resume(): Promise<ReportDraft | null>;
  /** The result of a job: what was begun before, or a new one; null where nothing was and the job is not known here. */
  result(job: Id, about: JobAbout | null): Promise<ResultDraft | null>;
  /** A small picture of bytes, as an object URL to be revoked by the caller; null when the format cannot be shown. */
  thumbnail(bytes: ArrayBuffer, mime: string): Promise<string | null>;
}
