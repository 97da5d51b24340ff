/** Times as the council's people say them: always the clock on the wall in England. */
import { localDate, momentShown, MONTHS, sayExactTime, sayTime, shortMonth } from '../../shared/time';

const ZONE = 'Europe/London';

export function saidTime(at: string, now: Date): string {
  return sayTime(at, now, ZONE);
}

export function exactTime(at: string): string {
  return sayExactTime(at, ZONE);
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A date, `2026-11-20`, or the day that a moment is in the council's offices: "20 Nov 2026". */
export function saidDay(at: string): string {
  const date = at.includes('T') ? officeDay(new Date(at)) : at;
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(day)} ${shortMonth(monthOf(month))} ${year}`;
}

/** A month, `2026-11`: "Nov 2026". */
export function saidMonth(of: string, length: 'short' | 'long' = 'short'): string {
  const [year = '', month = ''] = of.split('-');
  const name = monthOf(month);
  return `${length === 'long' ? name : shortMonth(name)} ${year}`;
}

function monthOf(number: string): string {
  return MONTHS[Number(number) - 1] ?? '';
}

/** The day it is in the council's offices, `2026-11-20`. */
export function officeDay(at: Date): string {
  return localDate(at, ZONE);
}

/** The moment at which the council's clocks show `2026-11-20T06:42`; null for what is none. */
export function officeMoment(shown: string): Date | null {
  const at = momentShown(shown, ZONE);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The moment a day, `2026-11-20`, begins in the council's offices, or the one so many days later; null for what is no day. */
export function officeMidnight(day: string, daysLater = 0): Date | null {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + daysLater);
  return Number.isNaN(date.getTime()) ? null : officeMoment(date.toISOString().slice(0, 16));
}

/** A whole number: "62", "1,204". The first number that is formatted costs a phone tens of milliseconds, small ones none. */
export function saidNumber(whole: number): string {
  return whole < 1_000 ? String(whole) : whole.toLocaleString('en-GB');
}
