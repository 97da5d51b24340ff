/** Shapes of hotspots and of the overview, named as the server names them. */
import type { CaseState } from './desk-types';
import type { Id, JobKind, JobOutcome, ReportKind, Timestamp, WasteCount } from './types';

// ---- hotspots ----------------------------------------------------------------------------------------------------

export interface DeskHotspot {
  /** Null when the place is off the list now. */
  rank: number | null;
  id: Id;
  kind: ReportKind;
  label: string | null;
  lat: number;
  lon: number;
  extent_m: number;
  count: number;
  /** What its surroundings explain, the chance of at least its count there, and that among all places; null where nobody worked it out. */
  expected: number | null;
  p: number | null;
  q: number | null;
  trend: string;
  first: string;
  last: string;
  members: Id[];
}

export interface HotspotRun {
  id: Id | null;
  /** False when the list was worked out for this question only. */
  stored?: boolean;
  as_of: Timestamp;
  window_days: number;
  radius_m: number;
  min: number;
  cases: number;
  /** What `expected` is held against, exactly; null for runs of before it was kept. */
  background: string | null;
  /** By kind of case: how many the most-hit place of all has when chance alone decides, in so many made-up lists. */
  by_chance: Partial<Record<ReportKind, ByChance | null>> | null;
}

export interface ByChance {
  draws: number;
  median: number;
  /** In 95 of 100 made-up lists at most so many. */
  p95: number;
}

export interface HotspotList {
  items: DeskHotspot[];
  next: string | null;
  run: HotspotRun | null;
  /** The areas it was asked for. */
  within: { kind: string; code: string; name: string }[];
}

export interface Window {
  from: Timestamp;
  to: Timestamp;
  days?: number;
}

export interface HotspotMember {
  id: Id;
  reference: string;
  state: CaseState;
  closed_because: string | null;
  label: string | null;
  lat: number;
  lon: number;
  seen_at: Timestamp;
  waste: string | null;
  source: string;
  reports: number;
  hazards: string[];
}

export interface DoneThere {
  job_id: Id;
  kind: JobKind;
  result: JobOutcome;
  at: Timestamp;
  case_id: Id;
  case_reference: string;
}

/** What was put up or done to stop it. */
export const MEASURES_TAKEN = ['camera', 'sign', 'gate', 'patrol'] as const;
export type MeasureTaken = (typeof MEASURES_TAKEN)[number];

/** A camera or sign that a crew put up near a place. */
export interface TakenNear {
  kind: MeasureTaken;
  job_id: Id;
  case_id: Id;
  case_reference: string;
  since: Timestamp;
  distance_m: number;
  /** Within the place itself, and so to be judged. */
  inside: boolean;
}

/** Counts in equal times before and after, and their ratio over that of the other places, with its 95 % interval. */
export interface BeforeAfter {
  before: number;
  after: number;
  ratio: number;
  low: number;
  high: number;
}

export interface Effect {
  kind: MeasureTaken;
  job_id?: Id;
  start: string;
  /** So many days before and as many after. */
  days: number;
  word: 'fell' | 'moved nearby' | 'no clear change';
  because: string;
  place: BeforeAfter;
  /** From the place's edge to 500 m. */
  ring: BeforeAfter;
  controls: number;
  controls_before: number;
  controls_after: number;
}

export interface HotspotPlace extends DeskHotspot {
  rev: number;
  /** A person gave the label: no run changes it. */
  named: boolean;
  /** Its surroundings explain the count; null where that was not worked out. */
  usual: boolean | null;
  background: string | null;
  by_chance: ByChance | null;
  /** Cases of the last 30, 90 and 365 days. */
  counts: Readonly<Record<'30' | '90' | '365', number>>;
  measures: TakenNear[];
  effects: Effect[];
  months: { month: string; count: number }[];
  /** 24 counts by hour of the local day, and 7 by weekday from Monday. */
  hours: number[];
  weekdays: number[];
  waste: WasteCount[];
  window: Window;
  as_at: Timestamp;
  busiest: string | null;
  member_rows: HotspotMember[];
  done: DoneThere[];
}

export interface PatrolPlace {
  rank: number | null;
  id: Id;
  label: string | null;
  lat: number;
  lon: number;
  extent_m: number;
  count: number;
  trend: string;
  first: string;
  last: string;
  grid_reference: string | null;
  plus_code: string | null;
  busiest: string | null;
  waste: WasteCount[];
  open_cases: { reference: string; hazards: string[] }[];
  done: DoneThere[];
}

export interface PatrolSheet {
  title: string;
  authority: string;
  as_at: Timestamp;
  window: Window;
  within: HotspotList['within'];
  items: PatrolPlace[];
}

// ---- overview ----------------------------------------------------------------------------------------------------

export const MEASURES = ['received', 'open', 'cleared'] as const;
export type Measure = (typeof MEASURES)[number];

/** For each figure the query of `/cases` that lists what was counted. */
export type RowsBehind = Partial<Record<Measure, string>>;

export interface Figures extends Record<Measure, number> {
  median_days_to_clear: number | null;
  rows: RowsBehind;
}

export interface OverviewGroup extends Figures {
  key: string;
  label: string;
  window: Window;
}

export const GROUPINGS = ['month', 'ward', 'kind', 'waste', 'source'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Overview {
  window: Window;
  as_at: Timestamp;
  by: Grouping;
  totals: Figures;
  groups: OverviewGroup[];
}
