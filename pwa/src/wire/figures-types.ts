/** Shapes of hotspots and of the overview, named as the server names them. */
import type { CaseState } from './desk-types';
import type { Id, JobKind, JobOutcome, ReportKind, Timestamp } from './types';

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
}

export interface HotspotList {
  items: DeskHotspot[];
  next: string | null;
  run: HotspotRun | null;
}

export interface Window {
  from: Timestamp;
  to: Timestamp;
  days?: number;
}

export interface WasteCount {
  code: string | null;
  name: string;
  count: number;
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

export interface HotspotPlace extends DeskHotspot {
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
