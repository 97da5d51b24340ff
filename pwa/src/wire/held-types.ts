import type { DeskPhoto } from './desk-types';
import type { Id, Timestamp } from './types';

/** What a resident sent that waits for a person before it gets a case, or that a person refused. */
export interface HeldReport {
  report_id: Id;
  receipt_code: string;
  kind: string;
  category: string;
  received_at: Timestamp;
  held_at: Timestamp;
  description: string;
  /** The place in the sender's own words. */
  where: string;
  position: { lat: number; lon: number; source: string } | null;
  photos: DeskPhoto[];
  reasons: { code: string; words: string }[];
  has_contact: boolean;
  refused: { by: string; at: Timestamp; reason: string } | null;
}

export type HeldState = 'waiting' | 'refused';

export interface HeldList {
  items: HeldReport[];
  next: string | null;
  counts: Record<HeldState, number>;
}

/** How to reach the sender of a report. Fetching it enters the report's history. */
export interface ReporterContact {
  name: string | null;
  email: string | null;
  phone: string | null;
  erase_after: Timestamp;
}
