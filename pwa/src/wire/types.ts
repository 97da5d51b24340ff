/** Shapes of the wire, named as the server names them. Times are RFC 3339 UTC, positions WGS84 degrees, lengths metres. */

export type Id = string;
export type Timestamp = string;

// ---- what a person says about a place and a thing -------------------------------------------------------------

export type PositionSource = 'gps' | 'pin' | 'typed' | 'photo';

export interface Position {
  lat: number;
  lon: number;
  /** Radius in metres; null for a pin or typed place whose precision nobody knows. */
  accuracy_m: number | null;
  source: PositionSource;
  fixed_at: Timestamp;
}

export type ReportKind = 'fly_tip' | 'incident';

/** One line of a report's photo list: the bytes follow on their own. */
export interface PhotoManifest {
  id: Id;
  sha256: string;
  bytes: number;
  mime: string;
  taken_at?: Timestamp;
}

export interface ReportCreate {
  id: Id;
  kind: ReportKind;
  category: string;
  seen_at: Timestamp;
  position: Position | null;
  /** The place in words, kept as they are. */
  where?: string;
  description: string;
  waste: string[];
  size: string | null;
  land: string | null;
  hazards: string[];
  witnessed: boolean;
  /** The open case the person said this is, if any. */
  joins: Id | null;
  photos: PhotoManifest[];
  extra: Record<string, unknown>;
}

export interface ReportLocate {
  position: Position;
}

export interface ReportAdd {
  description?: string;
  photos: PhotoManifest[];
}

export type JobOutcome = 'done' | 'not_there' | 'cannot';

export interface JobResult {
  result: JobOutcome;
  reason?: string;
  position?: Position;
  photos: PhotoManifest[];
}

export interface Note {
  text: string;
}

export interface OpPayloads {
  'report.create': ReportCreate;
  'report.locate': ReportLocate;
  'report.add': ReportAdd;
  'job.result': JobResult;
  'job.note': Note;
  'case.note': Note;
}

export type OpType = keyof OpPayloads;

// ---- push --------------------------------------------------------------------------------------------------------

export interface WireOp {
  op_id: Id;
  seq: number;
  type: OpType;
  entity_id: Id;
  base_rev: number | null;
  after: Id | null;
  schema: number;
  /** The exact JSON text that was saved; its hash is over its UTF-8 bytes. */
  payload: string;
  payload_sha256: string;
  device_time: Timestamp;
  tz_offset_min: number;
  /** Server clock minus phone clock, milliseconds, as last measured; null before the first contact. */
  clock_offset_ms: number | null;
}

export interface PushRequest {
  device_id: Id;
  /** Whose these are: refused as a whole when somebody else is signed in. */
  user_id?: Id;
  ops: WireOp[];
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  errors?: Record<string, string[]>;
}

export type Verdict = 'applied' | 'duplicate' | 'merged' | 'conflict' | 'waiting_for' | 'retry' | 'rejected';

export interface OpResult {
  op_id: Id;
  verdict: Verdict;
  rev?: number;
  entity_id?: Id;
  case_id?: Id | null;
  problem?: Problem;
  waiting_for?: Id;
  after_s?: number;
}

export interface PushResponse {
  results: OpResult[];
  server_time: Timestamp;
}

// ---- pull --------------------------------------------------------------------------------------------------------

export type ReportState = 'received' | 'placed' | 'accepted' | 'closed';

export interface PhotoCount {
  verified: number;
  expected: number;
}

export interface ReportRow {
  receipt_code: string;
  state: ReportState;
  case_id: Id | null;
  case_reference: string | null;
  label?: string | null;
  photos?: PhotoCount;
}

export interface CaseRow {
  reference: string;
  kind: ReportKind;
  category: string;
  state: string;
  label: string | null;
  lat: number | null;
  lon: number | null;
  opened_at: Timestamp;
  thumb_photo_id: Id | null;
  hazards: string[];
}

export type JobKind = 'clear' | 'inspect' | 'sign' | 'camera';

export interface JobRow {
  case_id: Id;
  case_reference: string;
  kind: JobKind;
  state: string;
  label: string | null;
  lat: number | null;
  lon: number | null;
  text: string | null;
  due_at: Timestamp | null;
  hazards: string[];
  thumb_photo_id: Id | null;
  given_at: Timestamp;
}

export interface WasteCount {
  code: string | null;
  name: string;
  count: number;
}

export interface HotspotRow {
  rank: number;
  /** The order of rows inside a shared rank; older councils do not say. */
  position?: number;
  label: string | null;
  lat: number;
  lon: number;
  count: number;
  trend: string;
  extent_m: number;
  /** Dates, not times: the first and the last case of the place. */
  first: string;
  last: string;
  kind?: ReportKind;
  /** What is known of the place; older councils do not say. */
  evidence?: HotspotEvidence | null;
}

/** Counts of a place's cases, by the local time of seeing them. */
export interface HotspotEvidence {
  /** Of so many days. */
  days: number;
  expected: number | null;
  usual: boolean | null;
  /** The last of the twelve months, such as "2026-11". */
  up_to: string;
  months: number[];
  hours: number[];
  /** From Monday. */
  weekdays: number[];
  waste: WasteCount[];
  /** What crews did there, latest first. */
  done: { kind: JobKind; result: JobOutcome; at: Timestamp }[];
}

export interface ChangeRows {
  report: ReportRow;
  case: CaseRow;
  job: JobRow;
  hotspot: HotspotRow;
}

export type ChangeType = keyof ChangeRows;

/** One changed row: `put` replaces it, `del` takes it out of this phone's scope. */
export type Change = {
  [T in ChangeType]: { type: T; id: Id; rev: number } & (
    | { put: ChangeRows[T]; del?: undefined }
    | { del: true; put?: undefined }
  );
}[ChangeType];

export interface PullResponse {
  changes: Change[];
  cursor: string;
  more: boolean;
  reset: boolean;
  acked_ops: Id[];
  verified_photos: Id[];
  server_time: Timestamp;
  /** The lists that reports choose from, when they are others than this phone's cursor stands for. */
  reference?: Reference;
  /** This app is too old to read all that comes down; it may push all the same. */
  update_needed?: boolean;
}

/** What a phone tells of itself with each pull, for the officers' list of phones. */
export interface Told {
  /** Operations and photos not yet handed over, of everybody who uses the phone. */
  unsent: number;
  oldest_unsent_at: Timestamp | null;
  app_version: string;
  clock_offset_ms: number | null;
}

// ---- reconcile, dead letters -------------------------------------------------------------------------------------

export interface ReconcileRequest {
  device_id: Id;
  op_ids: Id[];
  photo_ids: Id[];
}

export interface ReconcileResponse {
  ops: { known: Id[]; unknown: Id[] };
  photos: { verified: Id[]; received: Id[]; expected: Id[]; unknown: Id[] };
  server_time: Timestamp;
}

/** Something the council could not take, as it is on the phone, for an officer to read. */
export interface DeadLetter {
  op_id: Id | null;
  raw: string;
  problem: Problem | null;
  why: string;
}

export interface DeadLetterRequest {
  device_id: Id;
  user_id?: Id;
  items: DeadLetter[];
}

export interface DeadLetterResponse {
  kept: (Id | null)[];
  server_time: Timestamp;
}

// ---- people, phones, lists -------------------------------------------------------------------------------------

export type Role = 'crew' | 'officer' | 'manager' | 'admin';

export interface User {
  id: Id;
  name: string;
  email: string;
  role: Role;
}

export interface Authority {
  id: Id;
  slug: string;
  name: string;
  demo: boolean;
  /** west, south, east, north */
  bounds: [number, number, number, number] | null;
}

export interface Session {
  user: User;
  authority: Authority;
  device_id: Id | null;
}

export interface Device {
  id: Id;
  label: string;
  user: User;
  authority: Authority;
}

export interface Ping {
  nonce: string;
  server_time: Timestamp;
}

export interface ReferenceItem {
  code: string;
  name: string;
}

export interface Reference {
  version: string;
  source: string;
  categories: (ReferenceItem & { kind: ReportKind })[];
  waste: ReferenceItem[];
  sizes: ReferenceItem[];
  land: ReferenceItem[];
  hazards: (ReferenceItem & { severity: number })[];
}

export type MapGeometry =
  | { type: 'Point'; coordinates: [number, number] }
  | { type: 'LineString'; coordinates: [number, number][] }
  | { type: 'Polygon'; coordinates: [number, number][][] }
  | { type: 'MultiPolygon'; coordinates: [number, number][][][] };

export interface MapFeature {
  type: 'Feature';
  geometry: MapGeometry;
  properties: { kind: 'authority' | 'ward' | 'road' | 'locality'; name: string };
}

/** The authority's outline, wards, roads and localities: enough to draw a map with no tile server. */
export interface PlacesMap {
  type: 'FeatureCollection';
  features: MapFeature[];
  /** The address of the council's map tiles, `…/{z}/{x}/{y}.png`, where it has any. Drawn beneath; never needed. */
  tiles?: string | null;
  /** The names this phone searches without signal; missing from an older council, null where no area is known. */
  names?: PocketNames | null;
}

/** The borough's names in columns; see `workers/geocoding/pocket.py` for what each holds. */
export interface PocketNames {
  format: number;
  south: number;
  west: number;
  texts: string;
  kinds: string;
  text: number[];
  inside: number[];
  lat: number[];
  lon: number[];
  postcodes: string;
  postcode_lat: number[];
  postcode_lon: number[];
}
