/** How a place's count stands against what would be usual there, in words without statistics. */
import type { ReportKind } from '../../wire/types';
import { counted } from './said';

/** The share of places marked as more than usual that may be there by chance; the server's own threshold. */
const MISTAKEN_AT_MOST = 0.1;
const RAREST = 10_000;

const things: Readonly<Record<ReportKind, string>> = { fly_tip: 'fly-tip', incident: 'incident' };

export function countedThings(count: number, kind: ReportKind): string {
  return counted(count, things[kind]);
}

/** "30 days", "a year": a window as people say it. */
export function saidDays(days: number): string {
  return days === 365 ? 'a year' : days === 730 ? 'two years' : counted(days, 'day');
}

/** "about 0.4", "about 12"; less than a tenth is "hardly any", not none. */
export function saidExpected(expected: number): string {
  if (expected < 0.1) return 'hardly any';
  return `about ${expected < 10 ? String(Math.round(expected * 10) / 10) : String(Math.round(expected))}`;
}

interface Judged {
  readonly kind: ReportKind;
  readonly count: number;
  readonly expected: number | null;
}

/** "5 fly-tips in a year; about 0.4 would be usual here." Empty where it was not worked out. */
export function saidUsual({ kind, count, expected }: Judged, days: number): string {
  if (expected === null) return '';
  return `${countedThings(count, kind)} in ${saidDays(days)}; ${saidExpected(expected)} would be usual here.`;
}

/** How often chance alone would do as much: "about one time in 200". */
export function saidOdds(p: number): string {
  if (p >= 0.4) return 'about every other time or more often';
  if (p < 1 / RAREST) return `less than one time in ${RAREST.toLocaleString('en-GB')}`;
  const times = 1 / p;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(times)) - 1);
  return `about one time in ${(Math.round(times / step) * step).toLocaleString('en-GB')}`;
}

/** Whether its surroundings explain a place; null where that was not worked out. */
export function isUsual(q: number | null): boolean | null {
  return q === null ? null : q > MISTAKEN_AT_MOST;
}

/** What that means, for the place's own page; shorter where nobody said how often chance would do as much. */
export function saidChance(usual: boolean | null, p: number | null): string {
  if (usual === null) return '';
  if (p === null) return usual ? 'That can be chance.' : 'That is more than chance explains.';
  const odds = saidOdds(p);
  return usual
    ? `That can be chance: it brings as many to a place like this ${odds}, and among so many places that happens somewhere.`
    : `That is more than chance explains: it would bring as many to a place like this ${odds}.`;
}
