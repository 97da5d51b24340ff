/** Shapes of the desk's part of the wire, named as the server names them. */
import type { Id, JobKind, JobOutcome, PhotoCount, Position, ReportKind, Role, Timestamp } from './types';

// ---- cases -------------------------------------------------------------------------------------------------------

export type CaseState = 'new' | 'accepted' | 'closed';
export type Decision = 'accept' | 'duplicate' | 'not_ours' | 'no_evidence' | 'close' | 'reopen';

export interface DeskCaseRow {
  id: Id;
  reference: string;
  kind: ReportKind;
  category: string;
  state: CaseState;
  label: string | null;
  lat: number | null;
  lon: number | null;
  opened_at: Timestamp;
  reports: number;
  photos: PhotoCount;
  thumb_photo_id: Id | null;
  hazards: string[];
  flags: string[];
  witnessed: boolean;
  waste: string | null;
  hotspot_id: Id | null;
  /** Why it is where it is in the queue, in words, most urgent first. */
  why_here: string[];
  rev: number;
  closed_because: string | null;
  duplicate_of: Id | null;
}

export interface CaseList {
  items: DeskCaseRow[];
  next: string | null;
  counts: Partial<Record<CaseState, number>>;
  /** States whose count is the least it can be: there are more than were counted. */
  counts_at_least: string[];
}

/** What a photo's own data says beside its report: in words, and whether they agree; null when it says nothing. */
export interface ExifSays {
  about: string;
  agrees: boolean | null;
  text: string;
}

export interface DeskPhoto {
  id: Id;
  state: string;
  bytes: number;
  mime: string;
  taken_at: Timestamp | null;
  /** Null while nobody has looked yet. */
  showable: boolean | null;
  problem: string | null;
  exif_says?: ExifSays[];
}

export interface DeskReport {
  id: Id;
  receipt_code: string;
  source: string;
  by: string | null;
  seen_at: Timestamp;
  received_at: Timestamp;
  position: (Omit<Position, 'source'> & { source: string }) | null;
  /** The place in the reporter's own words. */
  where?: string | null;
  description: string;
  waste: string[];
  size: string | null;
  land: string | null;
  hazards: string[];
  witnessed: boolean;
  flags: string[];
  suggested_cases: Id[];
  /** The sender left a way to reach them, kept apart. */
  has_contact: boolean;
  photos: DeskPhoto[];
}

export interface DeskJob {
  id: Id;
  kind: JobKind;
  state: string;
  text: string;
  crew_id: Id | null;
  crew_name: string | null;
  given_at: Timestamp;
  due_at: Timestamp | null;
  results: { result: JobOutcome; reason: string | null; flags: string[]; received_at: Timestamp }[];
  photos: DeskPhoto[];
}

interface Distanced {
  distance_m: number;
}

export interface DeskPlace {
  label: string;
  road: ({ name: string } & Distanced) | null;
  locality: ({ name: string } & Distanced) | null;
  postcode: ({ code: string } & Distanced) | null;
  areas: { kind: string; code: string; name: string }[];
  grid_reference: string | null;
  plus_code: string | null;
  in_area_served: boolean;
  /** What a person should know of it, such as whose land it is outside the area served. */
  note?: string | null;
}

/** What a service outside calls the place. */
export interface SecondOpinion {
  service: string;
  label: string;
  /** Metres to the address it means; null where that says nothing. */
  distance_m: number | null;
  answered_at: Timestamp;
}

export interface TimelineEntry {
  at: Timestamp;
  by: string;
  what: string;
  text: string | null;
  stream: string;
  subject_id: Id;
  seq: number;
  kind: string;
  undone: boolean;
}

export interface Undoable {
  seq: number;
  what: string;
  by: string;
  until: Timestamp;
}

export interface DeskNote {
  id: Id;
  at: Timestamp;
  by: string;
  text: string;
}

export interface DeskCase extends DeskCaseRow {
  place: DeskPlace;
  /** Beside the place, never in its stead; empty unless the council asks services outside. */
  second_opinions: SecondOpinion[];
  reports_detail: DeskReport[];
  jobs: DeskJob[];
  notes: DeskNote[];
  next_steps: { decision: Decision }[];
  timeline: TimelineEntry[];
  undoable: Undoable[];
}

export interface NearbyCase {
  id: Id;
  reference: string;
  kind: ReportKind;
  category: string;
  state: CaseState;
  label: string | null;
  lat: number;
  lon: number;
  opened_at: Timestamp;
  closed_because: string | null;
  distance_m: number;
}

export interface NearbyHotspot {
  id: Id;
  rank: number | null;
  kind: ReportKind;
  label: string | null;
  lat: number;
  lon: number;
  count: number;
  trend: string;
  extent_m: number;
  distance_m: number;
}

export interface Nearby {
  items: NearbyCase[];
  hotspots: NearbyHotspot[];
  cases_within_m: number;
  hotspots_within_m: number;
}

export interface DecisionOf {
  decision: Decision;
  reason: string;
  duplicate_of: Id | null;
}

export interface BulkResult {
  id: Id;
  outcome: 'done' | 'changed_meanwhile' | 'not_a_next_step' | 'not_found';
  rev: number | null;
  seq: number | null;
  detail: string;
}

export interface CasePatch {
  category?: string;
  hazards?: string[];
  label?: string;
}

export interface NewJob {
  kind: JobKind;
  text: string;
  crew_id: Id | null;
  due_at: Timestamp | null;
}

// ---- jobs, people, phones ----------------------------------------------------------------------------------------

export interface DeskJobRow {
  id: Id;
  kind: JobKind;
  state: string;
  text: string;
  crew: { id: Id; name: string } | null;
  case: { id: Id; reference: string; state: CaseState; label: string | null; hazards: string[] };
  given_at: Timestamp;
  due_at: Timestamp | null;
  done_at: Timestamp | null;
  age_days: number;
  late: boolean;
  result: JobOutcome | null;
}

export interface CrewLoad {
  id: Id | null;
  name: string;
  open: number;
  late: number;
  oldest_given_at: Timestamp | null;
}

export interface JobList {
  items: DeskJobRow[];
  next: string | null;
  crews: CrewLoad[];
}

export interface Person {
  id: Id;
  name: string;
  email: string;
  role: Role;
  disabled: boolean;
  has_password: boolean;
  last_seen_at: Timestamp | null;
  phones: number;
}

/** A link that works once; the only time it is shown. */
export interface SentLink {
  link: string;
  code?: string;
  mailed: boolean;
  expires_at: Timestamp;
  qr_svg: string | null;
}

export interface Phone {
  id: Id;
  label: string;
  owner: { id: Id; name: string; email: string };
  enrolled_at: Timestamp;
  last_seen_at: Timestamp | null;
  revoked_at: Timestamp | null;
  /** Null when the phone has never told. */
  unsent: number | null;
  oldest_unsent_at: Timestamp | null;
  app_version: string | null;
  clock_offset_ms: number | null;
}

/** What a phone sent that took no effect: kept (with `why`), or held for what it waits for. */
export interface Stored {
  id: Id;
  op_id: string | null;
  type: string | null;
  entity_id: string | null;
  device: { id: Id; label: string } | null;
  user: { id: Id; name: string } | null;
  received_at: Timestamp;
  raw: string;
  why?: 'conflict' | 'rejected' | 'dead_letter';
  problem?: { detail?: string };
  waiting_for?: string;
  settled_at?: Timestamp;
  settled_note?: string;
}
